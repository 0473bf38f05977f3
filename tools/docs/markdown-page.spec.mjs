import { markdownPage } from './markdown-page.mjs';

describe('anchors of headings', () => {
  it('are the same as on GitHub: lower case, dashes for spaces, no punctuation, numbered if they repeat', () => {
    const page = [
      '# 1. Servers & services',
      '## `run.queued`',
      '## A file',
      '### A file',
      'no # heading',
    ].join('\n');
    expect([...markdownPage(page).anchors]).toEqual([
      '1-servers--services',
      'runqueued',
      'a-file',
      'a-file-1',
    ]);
  });

  it('leave out the content of fences, and the address of a link; ids in HTML count', () => {
    const page = '```sh\n# a comment\n```\n## [Deploy](deploy.md) it\n\n<a id="here"></a>\n';
    expect([...markdownPage(page).anchors]).toEqual(['deploy-it', 'here']);
  });
});

describe('links of a page', () => {
  it.each([
    ['[a](x.md)'],
    ['[a](x.md "with a title")'],
    ['[a](<x.md>)'],
    ['![a](x.md)'],
    ['[a][name]\n\n[name]: x.md "title"'],
    ['[name]\n\n[name]: x.md'],
    ['a <a href="x.md">b</a>'],
    ["<p>\n<img alt='a' src='x.md'>\n</p>"],
    ['| a |\n| - |\n| [b](x.md) |'],
    ['> - [a](x.md)'],
  ])('are seen in %j', (text) => {
    expect(new Set(markdownPage(text).links)).toEqual(new Set(['x.md']));
  });

  it('may have spaces in angle brackets', () => {
    expect(markdownPage('[a](<x y.md>)').links).toEqual(['x y.md']);
  });

  it.each([['`[a](x.md)`'], ['```text\n[a](x.md)\n```'], ['    [a](x.md)'], ['<!-- <a href="x.md"> -->']])(
    'are none in %j',
    (text) => {
      expect(markdownPage(text).links).toEqual([]);
    },
  );

  it('need a definition if they have a name', () => {
    const { undefinedLinks } = markdownPage('[a][here], [b][nowhere], `list[a][b]`\n\n[here]: x.md\n');
    expect(undefinedLinks).toEqual(['[b][nowhere]']);
  });
});

describe('code of a page', () => {
  it('is the text in backticks, not in fences', () => {
    expect(markdownPage('`a` ``b ` c``\n\n```\n`d`\n```\n').code).toEqual(['a', 'b ` c']);
  });
});
