import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { citationFaults, headingsOf } from './citations.mjs';

const page = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
const headings = {
  rules: headingsOf(page('docs/rules.md')),
  sections: headingsOf(page('docs/architecture.md')),
};
const ONLY = { rules: new Set(['R1', 'R2']), sections: new Set(['Data at rest']) };
/** These speak of citations themselves. */
const OURS = /^tools\/docs\/citations\./;

describe('citations of the rules and of the architecture', () => {
  it('name headings that are there', () => {
    expect(citationFaults('(rules R1), rules R1 and R2, architecture, Data at rest.', ONLY)).toEqual([]);
    expect(citationFaults(' * as rules R1,\n * R2 say (architecture, Data\n * at rest)', ONLY)).toEqual([]);
  });

  it.each([
    ['(rules R3)', /rules R3/],
    ['// rules R1,\n // R3', /rules R3/],
    ['rules\n * R12', /rules R12/],
    ['architecture, Nowhere.', /architecture, Nowhere/],
    [`${'RULES'} R1`, /cite docs/],
    [`(${'DESIGN'} 3)`, /cite docs/],
  ])('are found where they lead nowhere: %j', (text, fault) => {
    expect(citationFaults(text, ONLY)).toEqual([expect.stringMatching(fault)]);
  });

  it('of the whole repository lead somewhere', async () => {
    const listed = await mustRun(
      'git',
      ['ls-files', '*.ts', '*.mjs', '*.js', '*.c', '*.h', '*.py', '*.md', '*.yaml'],
      {
        cwd: root,
        quiet: true,
      },
    );
    const files = listed.split('\n').filter((file) => file !== '' && !OURS.test(file));
    expect(files.length).toBeGreaterThan(500);
    const faults = files.flatMap((file) =>
      citationFaults(page(file), headings).map((fault) => `${file}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });
});
