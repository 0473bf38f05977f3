import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../workspace/root.mjs';

/**
 * The value of a constant of a source file, without running the file: literals, lists, objects, arithmetic, and other
 * constants of the same file.
 *
 * @param {string} file from the root
 * @param {string} name
 * @returns {unknown}
 */
export function readConstant(file, name) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  return constantOf(source, name);
}

/**
 * @param {ts.SourceFile} source
 * @param {string} name
 * @returns {unknown}
 */
function constantOf(source, name) {
  const declaration = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((one) => one.name.getText(source) === name);
  if (!declaration?.initializer)
    throw new Error(`${source.fileName} has no constant ${name}: correct tools/docs/rule-constants.mjs`);
  return valueOf(source, declaration.initializer);
}

/** @type {Partial<Record<ts.SyntaxKind, (left: number, right: number) => number>>} */
const OPERATORS = {
  [ts.SyntaxKind.PlusToken]: (left, right) => left + right,
  [ts.SyntaxKind.MinusToken]: (left, right) => left - right,
  [ts.SyntaxKind.AsteriskToken]: (left, right) => left * right,
  [ts.SyntaxKind.SlashToken]: (left, right) => left / right,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (left, right) => left ** right,
};

/**
 * @param {ts.SourceFile} source
 * @param {ts.Expression} node
 * @returns {unknown}
 */
function valueOf(source, node) {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isRegularExpressionLiteral(node)) return node.text;
  if (ts.isIdentifier(node)) return constantOf(source, node.text);
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return valueOf(source, node.expression);
  if (ts.isArrayLiteralExpression(node)) return node.elements.map((one) => valueOf(source, one));
  if (ts.isObjectLiteralExpression(node))
    return Object.fromEntries(
      node.properties
        .filter(ts.isPropertyAssignment)
        .map((one) => [one.name.getText(source), valueOf(source, one.initializer)]),
    );
  if (ts.isBinaryExpression(node)) {
    const operator = OPERATORS[node.operatorToken.kind];
    if (operator) return operator(Number(valueOf(source, node.left)), Number(valueOf(source, node.right)));
  }
  throw new Error(`${source.fileName}: ${node.getText(source)} is not a constant that tools/docs can read`);
}
