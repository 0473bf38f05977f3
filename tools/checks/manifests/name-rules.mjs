import { messageOf } from '../../workspace/error-message.mjs';
import { consumerFaults, poolFaults, scalerFaults } from './queue-rules.mjs';
import { requiredFaults, settingFaults } from './setting-rules.mjs';

/**
 * @typedef {import('./document.mjs').Manifest} Manifest
 * @typedef {import('./pods.mjs').Pod} Pod
 * @typedef {import('./code-names.mjs').CodeNames} CodeNames
 * @typedef {import('./fault.mjs').Fault} Fault
 */

/**
 * Compares every name that manifests and code share.
 *
 * @param {readonly Manifest[]} manifests of one rendering
 * @param {readonly Pod[]} pods of the same
 * @param {{code: CodeNames, apps: readonly string[]}} known
 * @returns {Fault[]}
 */
export function nameFaults(manifests, pods, { code, apps }) {
  const { connections, faults } = sourcesOf(manifests, code);
  const ours = pods.filter(({ app }) => apps.includes(app));
  return [
    ...faults,
    ...rulesFaults(manifests, code),
    ...pods.filter(({ app }) => !apps.includes(app)).map((pod) => unknownApp(pod, apps)),
    ...ours.flatMap((pod) => [
      ...settingFaults(pod, ours, connections, code),
      ...requiredFaults(pod, code),
      ...consumerFaults(pod, code),
    ]),
    ...poolFaults(ours),
    ...manifests.flatMap((manifest) => scalerFaults(manifest, ours, code)),
    ...missingServices(ours, apps),
  ];
}

/**
 * @param {Pod} pod
 * @param {readonly string[]} apps
 * @returns {Fault}
 */
function unknownApp({ manifest, app }, apps) {
  const field = 'spec.template.spec.containers.0.image';
  return { file: manifest.file, field, value: app, todo: `use the image of ${apps.join(', ')}` };
}

/**
 * The connection variables that the rendered sources.yaml names; its faults are those of the services' reader.
 *
 * @param {readonly Manifest[]} manifests
 * @param {CodeNames} code
 */
function sourcesOf(manifests, code) {
  /** @type {string[]} */
  const connections = [];
  /** @type {Fault[]} */
  const faults = [];
  for (const { file, body } of manifests) {
    const text = body.kind === 'ConfigMap' ? body.data?.['sources.yaml'] : undefined;
    if (text === undefined) continue;
    try {
      connections.push(...code.connectionVariables(text));
    } catch (thrown) {
      for (const { field, value, todo } of refusalsIn(thrown)) faults.push({ file, field, value, todo });
    }
  }
  return { connections, faults };
}

/**
 * The faults of the rendered rules.yaml, as the services' reader finds them.
 *
 * @param {readonly Manifest[]} manifests
 * @param {CodeNames} code
 * @returns {Fault[]}
 */
function rulesFaults(manifests, code) {
  return manifests.flatMap(({ file, body }) => {
    const text = body.kind === 'ConfigMap' ? body.data?.['rules.yaml'] : undefined;
    if (text === undefined) return [];
    try {
      code.checkRules(text);
      return [];
    } catch (thrown) {
      return refusalsIn(thrown).map((refusal) => ({ file, ...refusal }));
    }
  });
}

/**
 * @param {unknown} thrown
 * @returns {readonly Omit<Fault, 'file'>[]}
 */
function refusalsIn(thrown) {
  if (thrown instanceof Error && 'refusals' in thrown && Array.isArray(thrown.refusals))
    return thrown.refusals;
  return [{ field: 'sources', todo: messageOf(thrown) }];
}

/**
 * @param {readonly Pod[]} pods
 * @param {readonly string[]} apps
 * @returns {Fault[]}
 */
function missingServices(pods, apps) {
  return apps
    .filter((name) => !pods.some(({ app }) => app === name))
    .map((name) => ({
      file: 'k8s/base/kustomization.yaml',
      field: 'resources',
      value: name,
      todo: 'add a Deployment or Job of this app',
    }));
}
