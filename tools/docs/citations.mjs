/** `rules R4`, `rules R6, R7 and R9`; lines may break in between, with the marks of a comment. */
const BREAK = String.raw`(?:\s|\*|//|#)+`;
const RULES = new RegExp(String.raw`\b[Rr]ules${BREAK}(R\d+(?:(?:,|${BREAK}and)${BREAK}R\d+)*)`, 'g');
const SECTION = new RegExp(String.raw`\barchitecture,${BREAK}([A-Z]\w*(?:${BREAK}[a-z]\w*)*)`, 'g');
/** Pages that comments cited before these; they are not in the repository. */
const FORMER = new RegExp(String.raw`\b(?:RULES${BREAK}R\d|DESIGN${BREAK}\d)`, 'g');

/** Headings that may be cited: `R4` of the rules, names of sections of the architecture. @param {string} page */
export function headingsOf(page) {
  return new Set([...page.matchAll(/^#{2,3} (R\d+(?= )|.+)/gm)].map(([, heading = '']) => heading));
}

/**
 * What a file cites and is not there.
 *
 * @param {string} text
 * @param {{ rules: ReadonlySet<string>, sections: ReadonlySet<string> }} headings
 * @returns {string[]}
 */
export function citationFaults(text, { rules, sections }) {
  const cited = [...text.matchAll(RULES)].flatMap(([, list = '']) => list.match(/R\d+/g) ?? []);
  const named = [...text.matchAll(SECTION)].map(([, section = '']) => section.replace(/[\s*/#]+/g, ' '));
  return [
    ...cited
      .filter((rule) => !rules.has(rule))
      .map((rule) => `rules ${rule}: docs/rules.md has no such heading`),
    ...named
      .filter((section) => !startsWithAny(section, sections))
      .map((section) => `architecture, ${section}: docs/architecture.md has no such heading`),
    ...[...text.matchAll(FORMER)].map(([word]) => `${word}: cite docs/rules.md or docs/architecture.md`),
  ];
}

/** A sentence may go on behind the section's name. @param {string} text @param {ReadonlySet<string>} sections */
function startsWithAny(text, sections) {
  return [...sections].some((section) => text === section || text.startsWith(`${section} `));
}
