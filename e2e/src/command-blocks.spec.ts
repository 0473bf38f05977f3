import { commandBlocksOf } from './command-blocks';

const page = (...lines: string[]) => commandBlocksOf('docs/page.md', lines.join('\n'));

describe('command blocks of a page', () => {
  it('are its fences in a shell language, with the line where each begins', () => {
    expect(page('text', '```sh', 'a', 'b', '```', '```yaml', 'c: 1', '```', '```bash', 'd', '```')).toEqual([
      { page: 'docs/page.md', line: 2, commands: 'a\nb', last: false },
      { page: 'docs/page.md', line: 9, commands: 'd', last: false },
    ]);
  });

  it('may be indented, and hold fences of fewer ticks', () => {
    expect(page('1. do', '   ````sh', '   echo "```sh"', '   ````').map(({ commands }) => commands)).toEqual([
      'echo "```sh"',
    ]);
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

  it.each([
    '```sh skip',
    '```sh needs=luck',
    '```sh not-run',
    '```sh not-run=""',
    '```sh not-run="as `npm test` does"',
  ])('refuse %s', (fence) => {
    expect(() => page(fence, 'a', '```')).toThrow(
      /docs\/page\.md:1: .* write last, needs=cluster or not-run/,
    );
  });
});
