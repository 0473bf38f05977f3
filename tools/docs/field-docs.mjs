import ts from 'typescript';

/**
 * Comments of a type's fields, by path: `window.start`, `features[].median`. Types inferred from Zod schemas keep the
 * comments of the schemas' fields.
 *
 * @param {import('./source-program.mjs').SourceProgram} program
 * @param {string} name of an exported type or interface of a lib
 * @returns {Map<string, string>}
 */
export function fieldDocs({ checker, sources }, name) {
  const declaration = sources
    .flatMap(({ statements }) => [...statements])
    .find(
      (one) => (ts.isTypeAliasDeclaration(one) || ts.isInterfaceDeclaration(one)) && one.name.text === name,
    );
  if (!declaration) throw new Error(`no source declares the type ${name}: correct tools/docs`);
  /** @type {Map<string, string>} */
  const docs = new Map();
  collect(checker, checker.getTypeAtLocation(declaration), '', docs, 0);
  return docs;
}

const DEEPEST = 6;

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Type} type
 * @param {string} path
 * @param {Map<string, string>} docs
 * @param {number} depth
 */
function collect(checker, type, path, docs, depth) {
  if (depth > DEEPEST) return;
  for (const part of type.isUnion() ? type.types : [type]) {
    if (checker.isArrayLikeType(part)) {
      const [item] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (part));
      if (item) collect(checker, item, `${path}[]`, docs, depth + 1);
    } else if (part.flags & ts.TypeFlags.Object) {
      const variant = variantOf(checker, part);
      for (const property of part.getProperties()) {
        const to = `${path}${variant}${path === '' ? '' : '.'}${property.name}`;
        const said = ts.displayPartsToString(property.getDocumentationComment(checker));
        if (said !== '') docs.set(to, said);
        collect(checker, checker.getTypeOfSymbol(property), to, docs, depth + 1);
      }
    }
  }
}

/** Variants distinguished by `kind` have separate paths. @param {ts.TypeChecker} checker @param {ts.Type} type */
function variantOf(checker, type) {
  const kind = type.getProperty('kind');
  const value = kind && checker.getTypeOfSymbol(kind);
  return value?.isStringLiteral() ? `(${value.value})` : '';
}
