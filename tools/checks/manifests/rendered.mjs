import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../../workspace/command.mjs';

/** @typedef {{overlay: string, file: string, body: Record<string, any>}} Manifest a document of one rendering */

/** Generated ConfigMaps end with a hash of their content. */
const HASH = /-[a-z0-9]{10}$/;
const plainName = ({ kind, metadata }) =>
  kind === 'ConfigMap' ? metadata.name.replace(HASH, '') : metadata.name;

/**
 * Renders one folder with `kubectl kustomize`.
 *
 * @param {{kubectl: string, top: string, overlay: string}} options `overlay` relative to `top`, as `k8s/base`
 * @returns {Promise<{manifests: Manifest[], faults: import('./fault.mjs').Fault[]}>}
 */
export async function render({ kubectl, top, overlay }) {
  const { code, output } = await run(kubectl, ['kustomize', join(top, overlay)], { quiet: true });
  if (code !== 0) {
    const todo = 'let `kubectl kustomize` render it';
    return { manifests: [], faults: [{ file: overlay, field: 'kustomization', value: output.trim(), todo }] };
  }
  const homes = new Homes(top, overlay);
  const manifests = parseAllDocuments(output).map((document) => {
    const body = document.toJS();
    return { overlay, file: homes.of(body), body };
  });
  return { manifests, faults: [] };
}

/** Finds the file in which a rendered document is written: that is where a fault is put right. */
class Homes {
  #files = new Map();

  constructor(top, overlay) {
    // The overlay last: what it says is in force.
    for (const folder of new Set(['k8s/base', overlay])) {
      for (const path of yamlFiles(join(top, folder))) this.#index(path, top);
    }
    this.overlay = overlay;
  }

  of(body) {
    const file = this.#files.get(`${body.kind}/${plainName(body)}`) ?? this.overlay;
    return this.overlay === 'k8s/base' || file.startsWith(this.overlay)
      ? file
      : `${file} (as rendered by ${this.overlay})`;
  }

  #index(path, top) {
    const file = relative(top, path);
    for (const document of parseAllDocuments(readFileSync(path, 'utf8'))) {
      const body = document.toJS();
      if (body?.kind === 'Kustomization') {
        for (const { name, envs, files } of body.configMapGenerator ?? []) {
          this.#files.set(`ConfigMap/${name}`, join(dirname(file), [...(envs ?? []), ...(files ?? [])][0]));
        }
      } else if (body?.kind && body.metadata && !this.#files.has(`${body.kind}/${body.metadata.name}`)) {
        this.#files.set(`${body.kind}/${body.metadata.name}`, file);
      }
    }
  }
}

function yamlFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join(folder, file))
    .filter((file) => statSync(file).isFile());
}

export { plainName };
