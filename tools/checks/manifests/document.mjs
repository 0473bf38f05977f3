/**
 * A Kubernetes document as far as the rules read it; all of it is compared with Kubernetes' own models.
 *
 * @typedef {object} Body
 * @property {string} apiVersion
 * @property {string} kind
 * @property {{name: string, annotations?: Record<string, string>}} metadata
 * @property {Record<string, string>} [data] of a ConfigMap
 * @property {{selector?: {matchLabels?: Record<string, string>}, template?: PodTemplate}} [spec]
 *
 * @typedef {object} PodTemplate
 * @property {{labels?: Record<string, string>}} [metadata]
 * @property {PodSpec} [spec]
 *
 * @typedef {import('kubernetes-models/v1/PodSpec').IPodSpec} PodSpec
 * @typedef {import('kubernetes-models/v1/Container').IContainer} Container
 *
 * @typedef {object} Manifest a document of one rendering
 * @property {string} overlay
 * @property {string} file where a fault of it is put right
 * @property {Body} body
 */

/** Generated ConfigMaps end with a hash of their content. */
const HASH = /-[a-z0-9]{10}$/;

/**
 * A document's name as it is written in the repository.
 *
 * @param {Body} body
 */
export function plainName({ kind, metadata }) {
  return kind === 'ConfigMap' ? metadata.name.replace(HASH, '') : metadata.name;
}
