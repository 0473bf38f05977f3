import { repositoryRoot } from '@factory/testing';
import { commandBlocks } from './command-blocks';
import { DocumentationShell, type BlockRun } from './documentation-shell';

const blocks = commandBlocks(repositoryRoot());
const run = blocks.filter(({ notRun }) => notRun === undefined);
const titled = run.map((block, at) => ({ at, title: `${block.page}:${block.line}` }));

/** One stack and one shop serve all pages: they go on from the tutorial. */
describe('the command blocks of README, docs and examples', () => {
  let shell: DocumentationShell;
  let results: BlockRun[] = [];

  beforeAll(async () => {
    shell = new DocumentationShell();
    results = await shell.run(run);
  }, 930_000);
  afterAll(() => shell?.close(), 60_000);

  it.each(titled)('$title runs', ({ at }) => {
    const { ended, output } = results[at] ?? { ended: 'not reached', output: '' };
    expect(`${ended}\n${ended === 'done' ? '' : output.slice(-3_000)}`).toBe('done\n');
  });

  it('that are not run are these', () => {
    const left = blocks.flatMap(({ page, notRun }) => (notRun === undefined ? [] : [`${page}: ${notRun}`]));
    expect(left).toEqual([
      'README.md: npm test is what runs these blocks; the demo takes minutes and has a stack of its own',
      'docs/how-to/deploy.md: needs a cluster',
      'docs/how-to/deploy.md: needs a cluster',
      'docs/how-to/deploy.md: needs a cluster',
      'docs/how-to/import-a-file.md: the files are not part of the repository; the demo runs both where it finds them',
      'docs/how-to/upgrade.md: needs a cluster',
      'examples/browser/README.md: it serves a page until you stop it',
    ]);
  });
});
