/*
 * npm run check: finds look-ups of external names in plain objects. `constructor` is found there although
 * it was never added: use a Map, or check Object.hasOwn in the same function.
 */
import { readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from '../workspace/root.mjs';

/** Files whose keys are our own names: settings, columns of our statements, printed figures. */
const OWN_NAMES = new Set([
  'apps/cli/src/commands/models.ts',
  'apps/cli/src/servers/servers.ts',
  'libs/messaging/src/compare-config.ts',
  'libs/service-kit/src/config.ts',
  'libs/stage/src/sources.module.ts',
  'libs/simulator/src/event-tables.ts',
  'libs/ledger/src/database/listed-row.ts',
  'libs/source/src/declaration/sources-file.ts',
  'libs/task-thread/src/serve-tasks.ts',
]);

/**
 * @param {readonly string[]} fileNames
 * @param {ts.CompilerOptions} options
 * @param {(path: string) => boolean} isOurs which files are checked
 * @returns {string[]} `file:line  expression` of each look-up that may find an inherited property
 */
export function inheritedLookups(fileNames, options, isOurs) {
  const program = ts.createProgram([...fileNames], options);
  const checker = program.getTypeChecker();
  /** @type {string[]} */
  const faults = [];
  for (const source of program.getSourceFiles()) {
    if (source.isDeclarationFile || !isOurs(source.fileName)) continue;
    /** @param {ts.Node} node */
    const visit = (node) => {
      if (isOpenLookup(checker, node) && !asksForOwn(node)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        faults.push(`${relative(root, source.fileName)}:${line + 1}  ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return faults;
}

/**
 * `object[name]` and `name in object` where the name can be any text.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.Node} node
 */
function isOpenLookup(checker, node) {
  /** @param {ts.Node} part */
  const isText = (part) => (checker.getTypeAtLocation(part).flags & ts.TypeFlags.StringLike) !== 0;
  /** @param {ts.Node} part */
  const isAnyText = (part) =>
    isText(part) &&
    !checker.getTypeAtLocation(part).isLiteral() &&
    !checker.getTypeAtLocation(part).isUnion();
  if (ts.isElementAccessExpression(node))
    return isAnyText(node.argumentExpression) && !isWritten(node) && !isList(checker, node.expression);
  return (
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword && isAnyText(node.left)
  );
}

/** @param {ts.Node} node */
function isWritten({ parent }) {
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Expression} expression
 */
function isList(checker, expression) {
  return checker.isArrayLikeType(checker.getTypeAtLocation(expression));
}

/**
 * Whether the enclosing function checks for own properties.
 *
 * @param {ts.Node} node
 */
function asksForOwn(node) {
  let around = node.parent;
  while (around && !ts.isFunctionLike(around)) around = around.parent;
  return /Object\.hasOwn\(/.test((around ?? node.getSourceFile()).getText());
}

function ofTheRepository() {
  const config = join(root, 'tsconfig.json');
  const { config: json } = ts.readConfigFile(config, (path) => readFileSync(path, 'utf8'));
  const { fileNames, options } = ts.parseJsonConfigFileContent(json, ts.sys, root);
  /** @param {string} path */
  const isOurs = (path) => {
    const name = relative(root, path).split(sep).join('/');
    return /^(apps|libs)\//.test(name) && !/^libs\/testing\//.test(name) && !OWN_NAMES.has(name)
      ? !/spec/.test(basename(name))
      : false;
  };
  return inheritedLookups(fileNames, options, isOurs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const faults = ofTheRepository();
  for (const fault of faults)
    console.error(`${fault}: use a Map, or check Object.hasOwn in the same function`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
