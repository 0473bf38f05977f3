import { BadInputError } from '@factory/domain';
import { parseSources } from '@factory/source';
import { isDeepStrictEqual } from 'node:util';
import { Document, parseDocument } from 'yaml';
import { readIfThere, replaceFile } from '../import/sources-entry';

/**
 * Declares a source in sources.yaml; comments and other sources are not changed. The file is checked before it is
 * replaced, and created if it does not exist.
 *
 * @param entry in the format of sources.yaml, see `sourcesSchema` of @factory/source
 * @returns `unchanged` if the same entry existed
 * @throws BadInputError `source-exists` if another entry has the name and `replace` is not set
 * @throws BadInputsError `invalid-sources`
 */
export function declareSource(
  path: string,
  source: string,
  entry: object,
  replace: boolean,
): 'added' | 'replaced' | 'unchanged' {
  const text = readIfThere(path);
  // Whatever it holds is refused before the document is made of it.
  if (text?.trim()) parseSources(text);
  const document = text?.trim() ? parseDocument(text) : new Document({ sources: {} });
  const { sources = {} } = (document.toJS() ?? {}) as { sources?: Record<string, unknown> };
  const before = Object.hasOwn(sources, source) ? sources[source] : undefined;
  if (before !== undefined && isDeepStrictEqual(before, entry)) return 'unchanged';
  if (before !== undefined && !replace)
    throw new BadInputError('source-exists', {
      field: 'source',
      value: source,
      todo: `choose another name, or add --replace: ${path} has a different declaration of it`,
    });
  document.setIn(['sources', source], document.createNode(entry));
  const next = document.toString({ lineWidth: 110 });
  parseSources(next);
  replaceFile(path, next);
  return before === undefined ? 'added' : 'replaced';
}
