import { linkFaults } from './link-faults.mjs';
import { RepositoryPaths } from './repository-paths.mjs';

/** As far as it matters, the files of this repository. */
const paths = new RepositoryPaths([
  '.ci/run',
  'README.md',
  'docs/glossary.md',
  'libs/domain/src/hash.ts',
  'libs/domain/src/index.ts',
  'package.json',
]);
const faultsOf = (/** @type {string} */ text, path = 'docs/page.md') => linkFaults({ path, text }, paths);

describe('links and paths of a page', () => {
  it.each([
    ['[a](glossary.md) [b](../README.md "title") [c](/README.md) [d](../libs/domain/src)'],
    ['[a](#the-page)\n\n# The page'],
    ['[a](../libs/domain/src/hash.ts#L1) [b](../libs/domain/src/hash.ts#L1-L2)'],
    ['<img src="../.ci/run"> [a](https://example.com/x.md) [b](mailto:a@example.com)'],
    ['`libs/domain/` `libs/domain/src/*.ts` `index.ts` `package.json` `.ci/run` `*.ts` `.md`'],
    ['`npm test` `run.queued` `0.2.0` `dataset.json` `k8s/overlays/<name>/x.yaml` `a/b` `visits.csv`'],
  ])('lead to something in %j', (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ['[a](no.md)', /no\.md: there is no docs\/no\.md/],
    ['[a](no.md "title")', /there is no docs\/no\.md/],
    ['[a](<no such.md>)', /there is no docs\/no such\.md/],
    ['[a](no%20such.md)', /there is no docs\/no such\.md/],
    ['[a](README.md)', /there is no docs\/README\.md/],
    ['[a](/docs/README.md)', /there is no docs\/README\.md/],
    ['[a](../../elsewhere.md)', /there is no \.\.\/elsewhere\.md/],
    ['[a][b]\n\n[b]: no.md', /there is no docs\/no\.md/],
    ['[b]: no.md', /there is no docs\/no\.md/],
    ['[a][nowhere]', /\[a\]\[nowhere\]: nothing defines it/],
    ['<img src="no.svg">', /there is no docs\/no\.svg/],
    ['a <a href="no.md">b</a>', /there is no docs\/no\.md/],
    ['![a](no.svg)', /there is no docs\/no\.svg/],
    ['[a](glossary.md#no-such-heading)', /glossary\.md has no heading of that name/],
    ['[a](#no-such-heading)', /has no heading of that name/],
    ['[a](../libs/domain/src/hash.ts#L9999)', /hash\.ts has no such line/],
    ['[a](../libs/domain/src/hash.ts#L1-L9999)', /hash\.ts has no such line/],
    ['[a](../libs/domain/src/hash.ts#hash)', /hash\.ts has no such line/],
    ['`libs/no`', /`libs\/no`: there is no such file/],
    ['`libs/domain/src/hash.ts/`', /there is no such file/],
    ['`libs/domain/src/h*x.ts`', /there is no such file/],
    ['`.ci/nope`', /`\.ci\/nope`: there is no such file/],
    ['`package.jsonn`', /`package\.jsonn`: there is no such file/],
    ['`hush.ts`', /`hush\.ts`: there is no such file/],
  ])('lead nowhere in %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(fault)]);
  });

  it('may be former ones where a page tells what was; its links may not', () => {
    expect(faultsOf('`libs/no` [a](glossary.md)', 'CHANGELOG.md')).toEqual([
      expect.stringMatching(/there is no glossary\.md/),
    ]);
  });
});
