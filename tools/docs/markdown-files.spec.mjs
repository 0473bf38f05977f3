import { anchorsOf, withoutBlocks } from './markdown-files.mjs';

describe('anchors of headings', () => {
  it('are as GitHub makes them: small, dashes for blanks, no marks, numbered when they repeat', () => {
    const page = [
      '# 1. Servers & services',
      '## `run.queued`',
      '## A file',
      '### A file',
      'no # heading',
    ].join('\n');
    expect([...anchorsOf(page)]).toEqual(['1-servers--services', 'runqueued', 'a-file', 'a-file-1']);
  });

  it('leave out what is in a fence, and the address of a link', () => {
    expect([...anchorsOf('```sh\n# a comment\n```\n## [Deploy](deploy.md) it\n')]).toEqual(['deploy-it']);
  });
});

describe('a page without its blocks', () => {
  it('keeps the text around fences, indented ones and longer ones too', () => {
    const page = 'a\n   ```sh\n   b\n   ```\nc\n````md\n```sh\nd\n```\n````\ne\n';
    expect(withoutBlocks(page).split('\n').filter(Boolean)).toEqual(['a', 'c', 'e']);
  });
});
