/**
 * What a folder of tools offers to the others, by folder. The rest of its files is its own affair.
 *
 * @typedef {Readonly<Record<string, readonly string[]>>} ToolEntries
 *
 * @typedef {import('dependency-cruiser').IForbiddenRuleType & {name: string, comment: string}} Rule
 */

/** A spec, or what only specs share: `spec-*.ts`, fixtures, conformance suites. */
const OF_SPECS =
  '([./](spec|int-spec|e2e-spec|slow-spec)\\.(ts|mjs)|/spec-[^/]+|/(fixtures|conformance)/.+|-(conformance|fixtures)\\.ts)$';
/** Runs specs of a lib, and brings the parts of Jest that they need. */
const SPECS_OF_KERNEL = '^tools/kernel/kernel-specs\\.entry\\.mjs$';
/** Files that may import them though they are none: all of e2e is specs, `testing` is for specs. */
const FOR_SPECS = ['^e2e/', '^libs/testing/', SPECS_OF_KERNEL];

/** @type {readonly Rule[]} */
const EVERYWHERE = [
  {
    name: 'circle',
    comment: 'files that import each other are one idea cut in two, or share a third: move that out',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'app-from-outside',
    comment: 'make what is needed a lib, and import it by its name',
    severity: 'error',
    from: { pathNot: '^apps/' },
    to: { path: '^apps/' },
  },
  {
    name: 'app-from-app',
    comment: 'apps are deployed apart: make what is needed a lib',
    severity: 'error',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'tool-from-outside',
    comment: 'what is delivered must not need what builds and checks it: run the tool as a program',
    severity: 'error',
    from: { pathNot: '^tools/' },
    to: { path: '^tools/' },
  },
  {
    name: 'spec-from-production',
    comment:
      'what specs share is not delivered: move what is needed to a file that is no spec, fixture or conformance suite',
    severity: 'error',
    from: { pathNot: [OF_SPECS, ...FOR_SPECS] },
    to: { path: OF_SPECS, pathNot: 'node_modules' },
  },
  {
    name: 'example-from-elsewhere',
    comment: 'a reader has the packages and this folder: import npm packages, Node, and files beside it',
    severity: 'error',
    from: { path: '^examples/([^/]+)/' },
    to: { pathNot: ['^examples/$1/', 'node_modules/'], dependencyTypesNot: ['core', 'unknown'] },
  },
  {
    name: 'package-not-declared',
    comment: 'it is there only because another package needs it: declare it in package.json, or do without',
    severity: 'error',
    from: { pathNot: SPECS_OF_KERNEL },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'package-not-delivered',
    comment: 'devDependencies are not installed with what is delivered: make it a dependency, or do without',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: [OF_SPECS, ...FOR_SPECS] },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'example-from-nothing',
    comment: 'there is no such package or file, or a reader does not get it',
    severity: 'error',
    from: { path: '^examples/' },
    to: { couldNotResolve: true },
  },
];

/**
 * What the pure layers may import beside files of the repository, which other rules are about: npm packages, and
 * modules of Node. Specs may import more, to compare with other implementations.
 *
 * @type {Readonly<Record<string, {packages: readonly string[], modules: readonly string[]}>>}
 */
export const PURE_LAYERS = {
  domain: { packages: [], modules: ['crypto'] },
  contract: { packages: ['yaml', 'zod'], modules: ['crypto', 'util'] },
};

/**
 * What the rules need to know of a repository.
 *
 * @typedef {object} Layout
 * @property {ToolEntries} entries
 * @property {Readonly<Record<string, readonly string[]>>} pureLibs names of libs by pure layer
 * @property {readonly string[]} libEntries files that a lib's name stands for, `libs/domain/src/index.ts`
 *
 * @param {Layout} layout
 * @returns {readonly Rule[]}
 */
export function rulesOf({ entries, pureLibs, libEntries }) {
  return [
    ...EVERYWHERE,
    ...insideOfLibs(libEntries),
    ...Object.entries(pureLibs).flatMap(impureOf),
    ...Object.entries(entries).map(insideOfTool),
  ];
}

/**
 * @param {readonly string[]} libEntries
 * @returns {readonly Rule[]}
 */
function insideOfLibs(libEntries) {
  const offered = libEntries.map((file) => `^${literally(file)}$`);
  const rule = /** @type {const} */ ({
    name: 'inside-of-lib',
    comment: 'import the lib by its name, and add to its index what is needed',
    severity: 'error',
  });
  return [
    {
      ...rule,
      from: { pathNot: ['^libs/', SPECS_OF_KERNEL] },
      to: { path: '^libs/', pathNot: offered },
    },
    { ...rule, from: { path: '^libs/([^/]+)/' }, to: { path: '^libs/', pathNot: ['^libs/$1/', ...offered] } },
  ];
}

/**
 * @param {[string, readonly string[]]} layer
 * @returns {Rule}
 */
function impureOf([layer, libs]) {
  const { packages, modules } = PURE_LAYERS[layer] ?? { packages: [], modules: [] };
  const allowed = [
    ...packages.map((name) => `(^|/)node_modules/${literally(name)}/`),
    ...modules.map((name) => `^(node:)?${literally(name)}$`),
  ];
  return {
    name: `impure-${layer}`,
    comment: `layer ${layer} may import ${[...packages, ...modules].join(', ')}: pass in what it needs, or add to PURE_LAYERS in tools/checks/imports/rules.mjs`,
    severity: 'error',
    from: { path: `^libs/(${libs.join('|')})/`, pathNot: OF_SPECS },
    to: { pathNot: ['^(libs|apps|tools)/', ...allowed] },
  };
}

/**
 * @param {[string, readonly string[]]} folder
 * @returns {Rule}
 */
function insideOfTool([folder, files]) {
  const names = files.map(literally).join('|');
  return {
    name: `inside-of-${folder}`,
    comment: `tools/${folder} offers ${files.join(', ') || 'nothing'}: use that, or add to what it offers`,
    severity: 'error',
    from: { path: '^tools/', pathNot: `^tools/${folder}/` },
    to: { path: `^tools/${folder}/`, ...(names ? { pathNot: `^tools/${folder}/(${names})$` } : {}) },
  };
}

/** @param {string} path as a pattern that matches it alone */
function literally(path) {
  return path.replaceAll('.', '\\.');
}
