import ts from 'typescript';
import { declarationOf, pathOf, textOf, walk } from './source-program.mjs';

/**
 * @typedef {object} ErrorCode
 * @property {string} code
 * @property {string} kind kind of error, from its class
 * @property {readonly string[]} raisedBy folders
 * @property {string} says what to do, or the message, with `…` for values known only at runtime
 */

/** Names of parameters and fields that contain a stable code. */
const CODE_NAMES = new Set(['code', 'errorCode']);
const CODE = /^[a-z0-9]+(-[a-z0-9]+)+$/;

/** Kinds of errors by class; the first match counts. */
const KINDS = [
  ['RunSkippedError', 'run skipped'],
  ['BadInputsError', 'bad input'],
  ['BadInputError', 'bad input'],
  ['ServerAwayError', 'server unavailable'],
  ['IntegrityError', 'changed bytes'],
  ['ObjectTooLargeError', 'changed bytes'],
  ['FactoryError', 'failure'],
];

/**
 * Every stable code that the sources raise: texts passed to a parameter or a field called `code`, and the reasons of
 * skipped runs. Codes of servers consist of two words (`broker-away`): `facts.entry.mjs` has them.
 *
 * @param {import('./source-program.mjs').SourceProgram} program
 * @returns {ErrorCode[]} by code
 */
export function errorCodes({ checker, sources }) {
  /** @type {Map<string, {kind: string, raisedBy: Set<string>, says: string}>} */
  const found = new Map();
  for (const source of sources) {
    if (pathOf(source) === SERVER_CODES) continue;
    walk(source, (node) => {
      for (const { expression, kind } of codesAt(checker, node))
        for (const code of alternatives(checker, expression)) {
          if (!CODE.test(code)) continue;
          const entry = found.get(code) ?? { kind, raisedBy: new Set(), says: '' };
          if (entry.kind === 'failure') entry.kind = kind;
          entry.raisedBy.add(pathOf(source).split('/').slice(0, 2).join('/'));
          if (entry.says === '') entry.says = saidBeside(checker, node);
          found.set(code, entry);
        }
    });
  }
  return [...found]
    .map(([code, { kind, raisedBy, says }]) => ({ code, kind, raisedBy: [...raisedBy].sort(), says }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Its `code` is only the second half of a code. */
const SERVER_CODES = 'libs/domain/src/errors.ts';

/** @param {ts.TypeChecker} checker @param {ts.Node} node */
function codesAt(checker, node) {
  if (ts.isPropertyAssignment(node) || ts.isParameter(node)) {
    const name = node.name.getText();
    const kind = name === 'check' ? 'input check' : CODE_NAMES.has(name) ? 'failure' : undefined;
    return kind && node.initializer ? [{ expression: node.initializer, kind }] : [];
  }
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return [];
  // Signatures are expensive: only calls that may contain a code are resolved.
  if (!node.arguments?.some(mayBeCode)) return [];
  const parameters = checker.getResolvedSignature(node)?.parameters ?? [];
  const kind = kindOf(checker, node) ?? 'failure';
  return (node.arguments ?? []).flatMap((expression, at) => {
    const name = parameters[at]?.name ?? '';
    const holds = CODE_NAMES.has(name) || (kind === 'run skipped' && name === 'reason');
    return holds ? [{ expression, kind }] : [];
  });
}

/** @param {ts.Expression} expression */
function mayBeCode(expression) {
  if (ts.isStringLiteralLike(expression)) return CODE.test(expression.text);
  if (ts.isIdentifier(expression)) return expression.text === expression.text.toUpperCase();
  return ts.isConditionalExpression(expression) || ts.isTemplateExpression(expression);
}

/**
 * The kind of error that a call creates or throws: by its type, by the class around `super`, or by the errors that the
 * called function creates.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.NewExpression | ts.CallExpression} node
 */
function kindOf(checker, node) {
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const around = ts.findAncestor(node, ts.isClassDeclaration);
    return around && kindOfType(checker, checker.getTypeAtLocation(around));
  }
  const kind = kindOfType(checker, checker.getTypeAtLocation(node));
  if (kind) return kind;
  const called = declarationOf(checker, node.expression);
  let made;
  if (called)
    walk(called, (inner) => {
      if (ts.isNewExpression(inner)) made ??= kindOfType(checker, checker.getTypeAtLocation(inner));
    });
  return made;
}

/** @param {ts.TypeChecker} checker @param {ts.Type} type @returns {string | undefined} */
function kindOfType(checker, type) {
  const names = new Set();
  for (let one = /** @type {ts.Type | undefined} */ (type); one; [one] = one.getBaseTypes() ?? [])
    names.add(one.symbol?.name);
  return KINDS.find(([name]) => names.has(name))?.[1];
}

/**
 * Possible values of an expression: a text, both sides of `?:`, or a template whose parts have few values.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.Expression} expression
 * @returns {string[]}
 */
function alternatives(checker, expression) {
  if (ts.isConditionalExpression(expression))
    return [expression.whenTrue, expression.whenFalse].flatMap((one) => alternatives(checker, one));
  if (ts.isTemplateExpression(expression))
    return expression.templateSpans.reduce(
      (texts, { expression: part, literal }) =>
        literalsOf(checker, part).flatMap((word) => texts.map((text) => text + word + literal.text)),
      [expression.head.text],
    );
  const text = textOf(checker, expression);
  return text === undefined ? literalsOf(checker, expression) : [text];
}

/** @param {ts.TypeChecker} checker @param {ts.Expression} expression */
function literalsOf(checker, expression) {
  const type = checker.getTypeAtLocation(expression);
  const parts = type.isUnion() ? type.types : [type];
  return parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
}

/**
 * The error's text: the `todo` next to the code, or the message after it.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.Node} node
 */
function saidBeside(checker, node) {
  const around = ts.isPropertyAssignment(node) ? node.parent : node;
  let todo = '';
  walk(around, (inner) => {
    if (ts.isPropertyAssignment(inner) && inner.name.getText() === 'todo')
      todo ||= textOf(checker, inner.initializer) ?? '';
  });
  if (todo !== '' || !(ts.isNewExpression(node) || ts.isCallExpression(node))) return todo;
  const texts = (node.arguments ?? []).slice(1).map((one) => textOf(checker, one));
  return texts.find((text) => text !== undefined && text.includes(' ')) ?? '';
}
