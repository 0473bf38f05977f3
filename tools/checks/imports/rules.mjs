/**
 * What a folder of tools offers to the others, by folder. The rest of its files is its own affair.
 *
 * @typedef {Readonly<Record<string, readonly string[]>>} ToolEntries
 *
 * @typedef {import('dependency-cruiser').IForbiddenRuleType & {name: string, comment: string}} Rule
 */

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
];

/**
 * @param {ToolEntries} entries
 * @returns {readonly Rule[]}
 */
export function rulesOf(entries) {
  return [...EVERYWHERE, ...Object.entries(entries).map(insideOfTool)];
}

/**
 * @param {[string, readonly string[]]} folder
 * @returns {Rule}
 */
function insideOfTool([folder, files]) {
  const names = files.map((file) => file.replaceAll('.', '\\.')).join('|');
  return {
    name: `inside-of-${folder}`,
    comment: `tools/${folder} offers ${files.join(', ') || 'nothing'}: use that, or add to what it offers`,
    severity: 'error',
    from: { path: '^tools/', pathNot: `^tools/${folder}/` },
    to: { path: `^tools/${folder}/`, ...(names ? { pathNot: `^tools/${folder}/(${names})$` } : {}) },
  };
}
