import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { join } from 'node:path';
import { root } from '../../workspace/root.mjs';
import { rulesOf } from './rules.mjs';

/**
 * Of all that is imported, types too; what is imported only where a comment names a type counts as well.
 *
 * @type {import('dependency-cruiser').ICruiseOptions}
 */
const OPTIONS = {
  tsPreCompilationDeps: true,
  detectJSDocImports: true,
  parser: 'tsc',
  doNotFollow: { path: 'node_modules' },
  validate: true,
  enhancedResolveOptions: {
    cachedInputFileSystem: { cacheDuration: 60_000 },
    exportsFields: ['exports'],
    conditionNames: ['import', 'require', 'node', 'default', 'types'],
  },
};

/**
 * An import that breaks a rule.
 *
 * @typedef {object} ImportFault
 * @property {string} rule
 * @property {string} from
 * @property {string} to
 * @property {string} text for somebody who has to put it right
 */

/**
 * Reads the imports of some files, and of every file below some folders.
 *
 * @param {string} top full path; the rules are about paths below it
 * @param {readonly string[]} paths of `top`
 * @param {import('./rules.mjs').Layout & {exclude?: string}} options `exclude`: pattern of paths
 *   that are left out
 * @returns {Promise<{faults: readonly ImportFault[], files: number}>}
 */
export async function importFaults(top, paths, { exclude, ...layout }) {
  const rules = rulesOf(layout);
  const tsconfig = join(root, 'tsconfig.base.json');
  const { output } = await cruise(
    [...paths],
    {
      ...OPTIONS,
      baseDir: top,
      ...(exclude ? { exclude: { path: exclude } } : {}),
      ruleSet: { forbidden: [...rules] },
      tsConfig: { fileName: tsconfig },
    },
    {},
    { tsConfig: extractTsConfig(tsconfig) },
  );
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output}`);
  const { violations, totalCruised } = output.summary;
  return { faults: violations.map((violation) => faultOf(violation, rules)), files: totalCruised };
}

/**
 * @param {import('dependency-cruiser').IViolation} violation
 * @param {readonly import('./rules.mjs').Rule[]} rules
 * @returns {ImportFault}
 */
function faultOf({ from, to, rule, cycle }, rules) {
  const todo = rules.find(({ name }) => name === rule.name)?.comment;
  const way = cycle ? [from, ...cycle.map(({ name }) => name)] : [from, to];
  return { rule: rule.name, from, to, text: `${way.join(' -> ')}: ${rule.name}: ${todo}` };
}
