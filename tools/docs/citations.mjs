/** A citation may span lines of a comment. */
const BREAK = String.raw`(?:\s|\*|//|#)+`;
/** `R4` anywhere: nothing else has such a name. `Rank.R2` is a type. */
const RULE = /(?<![\w.])R\d+\b/g;
const SECTION = new RegExp(String.raw`\barchitecture,${BREAK}([A-Z]\w*(?:${BREAK}[a-z]\w*)*)`, 'g');
/** `ADR 0003`, `ADRs 0003, 0004 and 0010`, `ADR 0029/0032`; `ADR-13` is one of NATS. */
const DECISIONS = new RegExp(
  String.raw`\bADRs?${BREAK}(\d+(?:(?:,${BREAK}|/|${BREAK}(?:and|or)${BREAK})\d{4})*)\b`,
  'g',
);
const PAGE = /(?<![\w./-])docs\/[\w/.-]+\.md\b/g;
/** Names of former pages, which are not in the repository. */
const FORMER = new RegExp(String.raw`\b(?:RULES${BREAK}R\d|DESIGN${BREAK}\d)`, 'g');

/** Headings that may be cited: `R4` of the rules, names of sections of the architecture. @param {string} page */
export function headingsOf(page) {
  return new Set([...page.matchAll(/^#{2,3} (R\d+(?= )|.+)/gm)].map(([, heading = '']) => heading));
}

/**
 * What may be cited.
 *
 * @typedef {object} Cited
 * @property {ReadonlySet<string>} rules `R4`
 * @property {ReadonlySet<string>} sections of the architecture
 * @property {ReadonlySet<string>} decisions `0003`
 * @property {(path: string) => boolean} hasPage whether a page exists, by its path from the root
 */

/**
 * Citations in a file that do not exist.
 *
 * @param {string} text
 * @param {Cited} cited
 * @returns {string[]}
 */
export function citationFaults(text, { rules, sections, decisions, hasPage }) {
  const named = [...text.matchAll(SECTION)].map(([, section = '']) => section.replace(/[\s*/#]+/g, ' '));
  const numbers = [...text.matchAll(DECISIONS)].flatMap(([, list = '']) => list.match(/\d+/g) ?? []);
  return [
    ...(text.match(RULE) ?? [])
      .filter((rule) => !rules.has(rule))
      .map((rule) => `${rule}: docs/rules.md has no such heading`),
    ...named
      .filter((section) => !startsWithAny(section, sections))
      .map((section) => `architecture, ${section}: docs/architecture.md has no such heading`),
    ...numbers
      .filter((number) => !decisions.has(number))
      .map((number) => `ADR ${number}: docs/adr has no such decision`),
    ...(text.match(PAGE) ?? [])
      .filter((path) => !hasPage(path))
      .map((path) => `${path}: there is no such page`),
    ...[...text.matchAll(FORMER)].map(([word]) => `${word}: cite docs/rules.md or docs/architecture.md`),
  ];
}

/** A sentence may continue after the section's name. @param {string} text @param {ReadonlySet<string>} sections */
function startsWithAny(text, sections) {
  return [...sections].some((section) => text === section || text.startsWith(`${section} `));
}
