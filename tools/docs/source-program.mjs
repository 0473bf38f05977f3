import { readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { root } from '../workspace/root.mjs';

/** @typedef {{ program: ts.Program, checker: ts.TypeChecker, sources: readonly ts.SourceFile[] }} SourceProgram */

/**
 * The sources of apps and libs as a compiler program; specs and the test kit are left out.
 *
 * @returns {SourceProgram}
 */
export function sourceProgram() {
  const config = join(root, 'tsconfig.json');
  const { config: json } = ts.readConfigFile(config, (path) => readFileSync(path, 'utf8'));
  const { fileNames, options } = ts.parseJsonConfigFileContent(json, ts.sys, root);
  const ours = fileNames.filter(isOurs);
  const program = ts.createProgram(ours, options);
  const sources = program.getSourceFiles().filter(({ fileName }) => isOurs(fileName));
  return { program, checker: program.getTypeChecker(), sources };
}

/** Path from the repository's root. @param {ts.SourceFile} source */
export const pathOf = (source) => relative(root, source.fileName).split(sep).join('/');

/** @param {string} fileName */
function isOurs(fileName) {
  const path = relative(root, fileName).split(sep).join('/');
  return /^(apps|libs)\//.test(path) && !/^libs\/testing\//.test(path) && !/spec/.test(basename(path));
}

/**
 * Calls `visit` for every node below this one.
 *
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} visit
 */
export function walk(node, visit) {
  ts.forEachChild(node, (child) => {
    visit(child);
    walk(child, visit);
  });
}

/**
 * The static part of a text: literals, constants and concatenations; `…` for values known only at runtime.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.Expression | undefined} expression
 * @returns {string | undefined} undefined if it is not a text
 */
export function textOf(checker, expression) {
  if (!expression) return undefined;
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isParenthesizedExpression(expression)) return textOf(checker, expression.expression);
  if (ts.isTemplateExpression(expression)) {
    const spans = expression.templateSpans.map(
      ({ expression: part, literal }) => (textOf(checker, part) ?? '…') + literal.text,
    );
    return expression.head.text + spans.join('');
  }
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(checker, expression.left), textOf(checker, expression.right)];
    return left === undefined && right === undefined ? undefined : (left ?? '…') + (right ?? '…');
  }
  if (ts.isConditionalExpression(expression)) {
    const parts = [textOf(checker, expression.whenTrue), textOf(checker, expression.whenFalse)];
    return parts.every((part) => part !== undefined) ? parts.join(' / ') : undefined;
  }
  if (ts.isIdentifier(expression)) {
    const type = checker.getTypeAtLocation(expression);
    if (type.isStringLiteral()) return type.value;
    const declaration = declarationOf(checker, expression);
    if (declaration && ts.isVariableDeclaration(declaration) && isConst(declaration))
      return textOf(checker, declaration.initializer);
  }
  return undefined;
}

/** @param {ts.VariableDeclaration} declaration */
function isConst(declaration) {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

/** @param {ts.TypeChecker} checker @param {ts.Node} node */
export function declarationOf(checker, node) {
  const symbol = checker.getSymbolAtLocation(node);
  if (!symbol) return undefined;
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return real.valueDeclaration ?? real.declarations?.[0];
}
