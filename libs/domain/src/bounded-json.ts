import { BadInputError } from './errors';

/** Lists and objects within each other; what the factory writes has fewer than ten. */
export const DEEPEST_JSON = 64;

/**
 * `JSON.parse` of a text that others wrote: a deep one is parsed, but whatever walks through it afterwards runs out of
 * stack.
 *
 * @param name of the document, for the refusal
 * @throws BadInputError `too-deep`; SyntaxError
 */
export function parseBoundedJson(text: string, name: string): unknown {
  checkDepth(text, name);
  return JSON.parse(text);
}

function checkDepth(text: string, name: string): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > DEEPEST_JSON) throw tooDeep(name, at);
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function tooDeep(name: string, at: number): BadInputError {
  return new BadInputError('too-deep', {
    field: name,
    value: `more than ${DEEPEST_JSON} levels, at character ${at}`,
    todo: `give lists and objects that are at most ${DEEPEST_JSON} deep`,
  });
}
