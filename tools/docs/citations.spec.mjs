import { citationFaults, headingsOf } from './citations.mjs';
import { RepositoryPaths, repositoryFiles, textOf } from './repository-paths.mjs';

const ONLY = {
  rules: new Set(['R1', 'R2']),
  sections: new Set(['Data at rest']),
  decisions: new Set(['0001', '0002']),
  hasPage: (/** @type {string} */ path) => path === 'docs/rules.md',
};
/** Files with examples of citations, links and paths that do not exist. */
const OURS =
  /^tools\/docs\/(citations|link-faults|repository-paths|markdown-page)\.|^e2e\/src\/command-blocks\.spec\.ts$|^package-lock\.json$/;
/** Files that describe the past, with the paths of that time. */
const HISTORY = /^(docs\/adr\/|CHANGELOG\.md)/;

describe('citations of the rules, the architecture and the decisions', () => {
  it('name existing headings and pages', () => {
    expect(citationFaults('(rules R1), rules R1 and R2, architecture, Data at rest.', ONLY)).toEqual([]);
    expect(citationFaults(' * as rules R1,\n * R2 say (architecture, Data\n * at rest)', ONLY)).toEqual([]);
    expect(
      citationFaults('ADR 0001, ADRs 0001 and\n * 0002, docs/rules.md, Rank.R7, ADR, BR12', ONLY),
    ).toEqual([]);
  });

  it.each([
    ['(rules R3)', /R3/],
    ['// rules R1,\n // R3', /R3/],
    ['rules\n * R12', /R12/],
    ['Rule R97', /R97/],
    ['R96 of the rules', /R96/],
    ['[R95](rules.md)', /R95/],
    ['architecture, Nowhere.', /architecture, Nowhere/],
    ['ADR 0099', /ADR 0099/],
    ['ADR\n * 0099', /ADR 0099/],
    ['ADRs 0001 and 0098', /ADR 0098/],
    ['ADR 0001/0098', /ADR 0098/],
    ['ADR 1', /ADR 1/],
    ['# see docs/deploy.md', /docs\/deploy\.md/],
    [`${'RULES'} R1`, /cite docs/],
    [`(${'DESIGN'} 3)`, /cite docs/],
  ])('are reported if they lead nowhere: %j', (text, fault) => {
    expect(citationFaults(text, ONLY)).toEqual([expect.stringMatching(fault)]);
  });

  it('in the whole repository lead to a heading', async () => {
    const files = await repositoryFiles();
    const paths = new RepositoryPaths(files);
    const cited = {
      rules: headingsOf(textOf('docs/rules.md') ?? ''),
      sections: headingsOf(textOf('docs/architecture.md') ?? ''),
      decisions: new Set(files.flatMap((file) => /^docs\/adr\/(\d{4})-/.exec(file)?.[1] ?? [])),
    };
    const read = files.flatMap((file) => {
      const text = OURS.test(file) ? undefined : textOf(file);
      return text === undefined ? [] : [{ file, text }];
    });
    const faults = read.flatMap(({ file, text }) => {
      const hasPage = (/** @type {string} */ path) => HISTORY.test(file) || paths.has(path);
      return citationFaults(text, { ...cited, hasPage }).map((fault) => `${file}: ${fault}`);
    });
    expect(read.length).toBeGreaterThan(1_000);
    expect(faults).toEqual([]);
  });
});
