import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../../workspace/command.mjs';
import { plainName } from './document.mjs';

/** @typedef {import('./document.mjs').Body} Body */

/**
 * What a kustomization says of the ConfigMaps that it makes.
 *
 * @typedef {object} Kustomization
 * @property {'Kustomization'} kind
 * @property {readonly {name: string, envs?: readonly string[], files?: readonly string[]}[]} [configMapGenerator]
 */

/**
 * Renders one folder with `kubectl kustomize`.
 *
 * @param {{kubectl: string, top: string, overlay: string}} options `overlay` relative to `top`, as `k8s/base`
 * @returns {Promise<{manifests: import('./document.mjs').Manifest[], faults: import('./fault.mjs').Fault[]}>}
 */
export async function render({ kubectl, top, overlay }) {
  const { code, output } = await run(kubectl, ['kustomize', join(top, overlay)], { quiet: true });
  if (code !== 0) {
    const todo = 'let `kubectl kustomize` render it';
    return { manifests: [], faults: [{ file: overlay, field: 'kustomization', value: output.trim(), todo }] };
  }
  const homes = new Homes(top, overlay);
  const manifests = bodiesIn(output).map((body) => ({ overlay, file: homes.of(body), body }));
  return { manifests, faults: [] };
}

/** Finds the file in which a rendered document is written: that is where a fault is put right. */
class Homes {
  /** @type {Map<string, string>} */
  #files = new Map();

  /**
   * @param {string} top
   * @param {string} overlay
   */
  constructor(top, overlay) {
    // The overlay last: what it says is in force.
    for (const folder of new Set(['k8s/base', overlay])) {
      for (const path of yamlFiles(join(top, folder))) this.#index(path, top);
    }
    this.overlay = overlay;
  }

  /** @param {Body} body */
  of(body) {
    const file = this.#files.get(`${body.kind}/${plainName(body)}`) ?? this.overlay;
    return this.overlay === 'k8s/base' || file.startsWith(this.overlay)
      ? file
      : `${file} (as rendered by ${this.overlay})`;
  }

  /**
   * @param {string} path
   * @param {string} top
   */
  #index(path, top) {
    const file = relative(top, path);
    for (const body of bodiesIn(readFileSync(path, 'utf8'))) {
      if (isKustomization(body)) {
        for (const { name, envs, files } of body.configMapGenerator ?? []) {
          const [first = ''] = [...(envs ?? []), ...(files ?? [])];
          this.#files.set(`ConfigMap/${name}`, join(dirname(file), first));
        }
      } else if (body?.kind && body.metadata && !this.#files.has(`${body.kind}/${body.metadata.name}`)) {
        this.#files.set(`${body.kind}/${body.metadata.name}`, file);
      }
    }
  }
}

/**
 * @param {string} yaml
 * @returns {readonly Body[]}
 */
function bodiesIn(yaml) {
  return parseAllDocuments(yaml).map((document) => document.toJS());
}

/**
 * @param {Body | Kustomization} body
 * @returns {body is Kustomization}
 */
function isKustomization(body) {
  return body?.kind === 'Kustomization';
}

/** @param {string} folder */
function yamlFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile());
}
