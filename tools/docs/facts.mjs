import { loadCodeNames } from '../checks/manifests/code-names.mjs';
import { loadModules } from '../packing/bundle-entry.mjs';

/**
 * The exports of the command line that are used.
 *
 * @typedef {object} CommandLine
 * @property {(options: object) => import('commander').Command} buildProgram
 * @property {Record<string, number>} EXIT
 * @property {string} EXIT_CODES_HELP
 */

const silent = { write: () => true };

/** All facts from the code: the libs' declarations, the whole command line, each app's variables. */
export async function loadFacts() {
  const { libs, ...cli } = await loadModules('facts', {
    libs: 'tools/docs/facts.entry.mjs',
    program: 'apps/cli/src/program/run-cli.ts',
    exitCodes: 'apps/cli/src/program/exit-codes.ts',
  });
  const { buildProgram, EXIT, EXIT_CODES_HELP } = /** @type {CommandLine} */ ({
    .../** @type {object} */ (cli.program),
    .../** @type {object} */ (cli.exitCodes),
  });
  const { variables } = await loadCodeNames();
  return {
    .../** @type {typeof import('./facts.entry.mjs')} */ (libs),
    variables: Object.fromEntries(variables),
    // Its actions are not called here.
    program: buildProgram({ out: { stdout: silent, stderr: silent }, osUser: '' }),
    exitCodes: EXIT,
    exitCodesHelp: EXIT_CODES_HELP,
  };
}
