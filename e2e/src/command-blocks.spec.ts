import { repositoryRoot } from '@factory/testing';
import { commandBlocks, commandBlocksOf } from './command-blocks';

const page = (...lines: string[]) => commandBlocksOf('docs/page.md', lines.join('\n'));

describe('command blocks of a page', () => {
  it('are its fences of shell commands, with the line where each begins', () => {
    expect(page('text', '```sh', 'a', 'b', '```', '```yaml', 'c: 1', '```', '~~~sh', 'd', '~~~')).toEqual([
      { page: 'docs/page.md', line: 2, commands: 'a\nb', last: false },
      { page: 'docs/page.md', line: 9, commands: 'd', last: false },
    ]);
  });

  it('may be indented, and hold fences of fewer ticks', () => {
    expect(page('1. do', '   ````sh', '   echo "```sh"', '   ````').map(({ commands }) => commands)).toEqual([
      'echo "```sh"',
    ]);
  });

  it('may be in a list or a quote, which keeps its marks to itself', () => {
    const blocks = page(
      '- one',
      '',
      '  > ```sh',
      '  > a',
      '  >   b',
      '  > ```',
      '',
      '- two',
      '',
      '  ```sh',
      '  c',
      '  ```',
    );
    expect(blocks.map(({ line, commands }) => [line, commands])).toEqual([
      [3, 'a\n  b'],
      [10, 'c'],
    ]);
  });

  it('are none where the page shows a block in a block, or no block at all', () => {
    expect(
      page('````text', '```zsh', 'a', '```', '````', 'and `sh` in text', '<!--', '```zsh', '-->'),
    ).toEqual([]);
  });

  it.each([
    [['```', 'a', '```']],
    [['~~~', 'a', '~~~']],
    [['```bash', 'a', '```']],
    [['```zsh', 'a', '```']],
    [['```SH', 'a', '```']],
    [['```console', 'a', '```']],
    [['```sh-session', 'a', '```']],
    [['> ```bash', '> a', '> ```']],
    [['- ```', '  a', '  ```']],
    [['text', '', '    npm run demo']],
    // A backtick in its words: prose, and the end of the block opens another one.
    [['```sh not-run="as `npm test` does"', 'a', '```']],
  ])('are refused where they name no known language: %j', (lines) => {
    expect(() => page(...lines)).toThrow(
      /^docs\/page\.md:\d: "[^"]*": open the block with ``` and sh, text, yaml, mermaid$/,
    );
  });

  it('that are not run say why', () => {
    const blocks = page(
      ...[
        '```sh needs=cluster',
        'a',
        '```',
        '```sh not-run="it takes an hour"',
        'b',
        '```',
        '```sh last',
        'c',
        '```',
      ],
    );
    expect(blocks.map(({ notRun, last }) => [notRun, last])).toEqual([
      ['needs a cluster', false],
      ['it takes an hour', false],
      [undefined, true],
    ]);
  });

  it.each(['```sh skip', '```sh needs=luck', '```sh not-run', '```sh not-run=""'])('refuse %s', (fence) => {
    expect(() => page(fence, 'a', '```')).toThrow(
      /docs\/page\.md:1: .* write last, needs=cluster or not-run/,
    );
  });

  it('of the repository all say what they are', () => {
    expect(commandBlocks(repositoryRoot()).length).toBeGreaterThan(20);
  });
});
