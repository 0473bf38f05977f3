import { valueAt } from './fault.mjs';

/**
 * @typedef {import('./fault.mjs').Fault} Fault
 * @typedef {import('./fault.mjs').Path} Path
 */

export const POD = /** @type {const} */ (['spec', 'template', 'spec']);
export const CONTAINER = /** @type {const} */ ([...POD, 'containers', 0]);

/** A pod as rules look at it: values at paths of its document, faults that name them, and what its app reads. */
export class PodView {
  /**
   * @param {import('./pods.mjs').Pod} pod
   * @param {import('./code-names.mjs').CodeNames} code
   */
  constructor(pod, code) {
    this.pod = pod;
    this.variables = code.variables.get(pod.app) ?? [];
  }

  /** @param {Path} path */
  at(path) {
    return valueAt(this.pod.manifest.body, path);
  }

  /**
   * @param {Path} path
   * @param {string} todo
   * @param {unknown} [value] default: what is at the path
   * @returns {Fault}
   */
  fault(path, todo, value = this.at(path)) {
    return { file: this.pod.manifest.file, field: path.join('.'), value, todo };
  }

  /**
   * @param {Path} path
   * @param {unknown} wanted
   * @returns {Fault[]}
   */
  expect(path, wanted) {
    return this.at(path) === wanted ? [] : [this.fault(path, `write ${JSON.stringify(wanted)}`)];
  }

  /**
   * The value of a variable that is in force: as the pod sets it, else the app's default.
   *
   * @param {string} name
   */
  effective(name) {
    return (
      this.pod.settings.find((one) => one.name === name)?.value ??
      this.variables.find((one) => one.variable === name)?.default
    );
  }
}
