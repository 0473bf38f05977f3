import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../workspace/root.mjs';
import { valueAt } from './fault.mjs';

/**
 * Compares documents with Kubernetes' own models, twice: `validate()` finds values of a wrong type but lets
 * unknown fields pass; the compiler, given the document as a literal of its type, finds those.
 *
 * @param {readonly import('./document.mjs').Manifest[]} manifests
 * @returns {Promise<import('./fault.mjs').Fault[]>}
 */
export async function modelFaults(manifests) {
  const faults = [];
  const known = [];
  for (const manifest of unique(manifests)) {
    const Model = await modelOf(manifest.body);
    if (Model) {
      known.push(manifest);
      faults.push(...valueFaults(Model, manifest));
    } else {
      const value = `${manifest.body.apiVersion} ${manifest.body.kind}`;
      const todo = 'use a kind that kubernetes-models knows';
      faults.push({ file: manifest.file, field: 'apiVersion, kind', value, todo });
    }
  }
  return [...faults, ...fieldFaults(known)];
}

/**
 * A class of `kubernetes-models`.
 *
 * @typedef {new (data: object) => {validate(): void}} Model
 *
 * @typedef {import('./document.mjs').Manifest} Manifest
 * @typedef {import('./fault.mjs').Fault} Fault
 */

/**
 * What the renderings have in common is looked at once.
 *
 * @param {readonly Manifest[]} manifests
 */
function unique(manifests) {
  return [
    ...new Map(
      manifests.map((one) => /** @type {const} */ ([JSON.stringify(one.body), one])).reverse(),
    ).values(),
  ].reverse();
}

/**
 * @param {import('./document.mjs').Body} body
 * @returns {Promise<Model | undefined>}
 */
async function modelOf({ apiVersion, kind }) {
  /** @type {Record<string, Model>} */
  const models = await import(`kubernetes-models/${apiVersion}/${kind}`).catch(() => ({}));
  return models[kind];
}

/**
 * @param {Model} Model
 * @param {Manifest} manifest
 * @returns {Fault[]}
 */
function valueFaults(Model, { file, body }) {
  try {
    new Model(body).validate();
    return [];
  } catch (thrown) {
    if (!isValidationError(thrown)) throw thrown;
    return thrown.errors.map(({ instancePath, message }) => {
      const path = instancePath.split('/').slice(1);
      return { file, field: path.join('.'), value: valueAt(body, path), todo: message };
    });
  }
}

/**
 * @param {unknown} thrown
 * @returns {thrown is {errors: readonly {instancePath: string, message: string}[]}}
 */
function isValidationError(thrown) {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors);
}

/**
 * Excess properties of literals are errors to TypeScript, at any depth. It names one a document; the next shows
 * when that is put right.
 *
 * @param {readonly Manifest[]} manifests
 * @returns {Fault[]}
 */
function fieldFaults(manifests) {
  const folder = join(root, '.cache', 'manifests', 'typed');
  mkdirSync(folder, { recursive: true });
  const files = new Map(
    manifests.map((manifest, index) => {
      const path = join(folder, `${index}.mts`);
      const { apiVersion, kind } = manifest.body;
      writeFileSync(
        path,
        `import type { I${kind} } from 'kubernetes-models/${apiVersion}/${kind}';\n` +
          `export const manifest: I${kind} = ${JSON.stringify(manifest.body, null, 1)};\n`,
      );
      return /** @type {const} */ ([path, manifest]);
    }),
  );
  const program = ts.createProgram([...files.keys()], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
  });
  return [...files].flatMap(([path, { file, body }]) => {
    const source = program.getSourceFile(path);
    if (!source) throw new Error(`${path} was not read`);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ start, messageText }) => {
        const steps = pathTo(source, start ?? 0);
        const [todo = ''] = ts.flattenDiagnosticMessageText(messageText, ' ').split('. ');
        return { file, field: steps.join('.'), value: valueAt(body, steps), todo };
      },
    );
  });
}

/**
 * The document's path to a position in its literal.
 *
 * @param {ts.SourceFile} source
 * @param {number} position
 */
function pathTo(source, position) {
  /** @type {(string | number)[]} */
  const steps = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (position < node.getStart(source) || position >= node.getEnd()) return;
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name)) steps.push(node.name.text);
    else if (ts.isExpression(node) && node.parent && ts.isArrayLiteralExpression(node.parent))
      steps.push(node.parent.elements.indexOf(node));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return steps;
}
