import { Lexer, isAlias, isScalar, parseDocument, visit } from 'yaml';

/** Lists and mappings in brackets within each other. */
export const DEEPEST_YAML = 64;
/** Columns by which a line may be indented, markers of lists included: each level needs one. */
const WIDEST_INDENT = 200;
export const MOST_ALIASES = 100;

const MARKERS = new Set(['-', '?', ':']);

/**
 * Reads a YAML document that others may write. A deep one ends the process inside the parser, aliases multiply, and the
 * parser's own test for repeated keys takes a minute for twenty thousand of them.
 *
 * @throws Error with the reason, for people
 */
export function parseBoundedYaml(text: string): unknown {
  checkYaml(text);
  const document = parseDocument(text, { uniqueKeys: false });
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : isAlias(key) ? key.source : key;
        if (keys.has(name)) throw new Error(`Map keys must be unique: ${String(name)}`);
        keys.add(name);
      }
    },
  });
  return document.toJS({ maxAliasCount: MOST_ALIASES });
}

/**
 * Looks at the tokens only, before anything is parsed.
 *
 * @throws Error with the reason, for people
 */
export function checkYaml(text: string): void {
  const depth = new Depth();
  let aliases = 0;
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith('*') && ++aliases > MOST_ALIASES)
      throw new Error(`it has more than ${MOST_ALIASES} aliases: write out what they stand for`);
    depth.take(token);
  }
}

class Depth {
  private inBrackets = 0;
  private indent = 0;
  private atStart = true;

  take(token: string): void {
    if (token === '[' || token === '{') this.inBrackets++;
    else if (token === ']' || token === '}') this.inBrackets--;
    if (/^[\r\n]/.test(token)) {
      this.indent = 0;
      this.atStart = true;
    } else if (this.atStart && /^ +$/.test(token)) this.indent += token.length;
    else if (MARKERS.has(token)) this.indent++;
    else if (token !== DOCUMENT_START) this.atStart = false;
    if (this.inBrackets > DEEPEST_YAML || this.indent > WIDEST_INDENT)
      throw new Error(
        `it is too deep: use at most ${DEEPEST_YAML} levels, and ${WIDEST_INDENT} columns of indentation`,
      );
  }
}

/** Token of the lexer before a document that has no marker. */
const DOCUMENT_START = '\u0002';
