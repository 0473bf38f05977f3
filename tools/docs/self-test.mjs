/**
 * @typedef {object} Tools
 * @property {(about: any) => Map<string, string>} renderPages
 * @property {(wanted: ReadonlyMap<string, string>, there: ReadonlyMap<string, string>) => string[]} differences
 */

/**
 * Plants a difference in the source of each page, and one in each page, and checks that each is found.
 *
 * @param {any} about facts from the code
 * @param {ReadonlyMap<string, string>} pages generated from it
 * @param {Tools} tools
 * @returns {string[]} planted differences that were not found
 */
export function selfTestFaults(about, pages, { renderPages, differences }) {
  const faults = [];
  for (const [file, change] of Object.entries(PLANTED_IN_CODE)) {
    const found = differences(renderPages(change(about)), pages);
    if (!found.some((line) => line.startsWith(file)))
      faults.push(`a planted change of ${file}'s code was not found`);
  }
  for (const [file, text] of pages) {
    const edited = new Map(pages).set(file, `${text.slice(0, -2)}!\n`);
    const gone = new Map([...pages].filter(([name]) => name !== file));
    for (const there of [edited, gone])
      if (differences(pages, there).length !== 1) faults.push(`a planted change of ${file} was not found`);
  }
  const foreign = new Map(pages).set('by-hand.md', '# By hand\n');
  if (differences(pages, foreign).length !== 1) faults.push('a page that is not generated was not found');
  const unplanted = [...pages.keys()].filter((file) => !Object.hasOwn(PLANTED_IN_CODE, file));
  return [
    ...faults,
    ...unplanted.map((file) => `${file}: plant a change of its code in tools/docs/self-test.mjs`),
  ];
}

/** A change of the facts for each page. @type {Record<string, (about: any) => any>} */
const PLANTED_IN_CODE = {
  'cli.md': (about) => withFacts(about, { program: renamed(about.facts.program) }),
  'exit-codes.md': (about) =>
    withFacts(about, { exitCodesHelp: about.facts.exitCodesHelp.replace('done', 'over') }),
  'configuration.md': ({ facts, ...about }) => ({
    ...about,
    facts: { ...facts, variables: { ...facts.variables, cli: facts.variables.cli.slice(1) } },
  }),
  'policy.md': (about) => withFacts(about, { policy: about.facts.policy.slice(1) }),
  'messages.md': (about) => withFacts(about, { messageVersion: about.facts.messageVersion + 1 }),
  'bundle.md': (about) => withFacts(about, { bundle: { ...about.facts.bundle, folder: 'elsewhere/' } }),
  'metrics.md': (about) => ({ ...about, metrics: about.metrics.slice(1) }),
  'error-codes.md': (about) => ({ ...about, errors: about.errors.slice(1) }),
};

/** @param {any} about @param {object} changes */
const withFacts = (about, changes) => ({ ...about, facts: { ...about.facts, ...changes } });

/** The same commands without the last one. @param {any} program */
const renamed = (program) => Object.create(program, { commands: { value: program.commands.slice(0, -1) } });
