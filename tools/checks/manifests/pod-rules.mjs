import { listFaults } from './list-rules.mjs';
import { CONTAINER, POD, PodView } from './pod-view.mjs';
import { serviceFaults } from './service-rules.mjs';

/**
 * @typedef {import('./fault.mjs').Fault} Fault
 * @typedef {import('./fault.mjs').Path} Path
 */

/**
 * What the namespace's `restricted` standard asks for, and a root folder that can't be written.
 *
 * @type {readonly {path: Path, wanted: unknown}[]}
 */
const HARDENED = [
  { path: [...POD, 'automountServiceAccountToken'], wanted: false },
  { path: [...POD, 'securityContext', 'runAsNonRoot'], wanted: true },
  { path: [...POD, 'securityContext', 'seccompProfile', 'type'], wanted: 'RuntimeDefault' },
  { path: [...CONTAINER, 'securityContext', 'allowPrivilegeEscalation'], wanted: false },
  { path: [...CONTAINER, 'securityContext', 'readOnlyRootFilesystem'], wanted: true },
  { path: [...CONTAINER, 'securityContext', 'capabilities', 'drop', 0], wanted: 'ALL' },
];
/** @type {readonly Path[]} */
const RESOURCES = [
  [...CONTAINER, 'resources', 'requests', 'cpu'],
  [...CONTAINER, 'resources', 'requests', 'memory'],
  [...CONTAINER, 'resources', 'limits', 'memory'],
];

/**
 * What a pod needs to run, to be asked for its health and to end in peace.
 *
 * @param {import('./pods.mjs').Pod} pod
 * @param {{code: import('./code-names.mjs').CodeNames, image: import('../../packing/dockerfile.mjs').Image,
 *   healthPaths: readonly string[]}} known
 * @returns {Fault[]}
 */
export function podFaults(pod, { code, image, healthPaths }) {
  const view = new PodView(pod, code);
  return [
    ...HARDENED.flatMap(({ path, wanted }) => view.expect(path, wanted)),
    ...view.expect([...POD, 'securityContext', 'runAsUser'], Number(image.user)),
    ...view.expect(['spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/name'], pod.app),
    ...pod.absentSettings.map((name) =>
      view.fault([...CONTAINER, 'envFrom'], 'no such ConfigMap: make it or drop it', name),
    ),
    ...RESOURCES.filter((path) => view.at(path) === undefined).map((path) =>
      view.fault(path, 'say how much'),
    ),
    ...listFaults(view),
    ...mountedFileFaults(view, 'SOURCES_FILE', 'factory-sources'),
    ...mountedFileFaults(view, 'RULES_FILE', 'factory-rules'),
    ...(pod.manifest.body.kind === 'Deployment' ? serviceFaults(view, image, healthPaths) : []),
  ];
}

/**
 * A variable that names a file must name it where the ConfigMap with that file is mounted.
 *
 * @param {PodView} view
 * @param {string} variable
 * @param {string} configMap
 * @returns {Fault[]}
 */
function mountedFileFaults(view, variable, configMap) {
  const { settings, container, spec } = view.pod;
  if (!settings.some(({ name }) => name === variable)) return [];
  const path = view.effective(variable) ?? '';
  const folder = path.slice(0, path.lastIndexOf('/'));
  const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === folder);
  const volume = spec.volumes?.find(({ name }) => name === mount?.name);
  if (volume?.configMap?.name?.startsWith(configMap)) return [];
  return [view.fault([...CONTAINER, 'volumeMounts'], `mount the ConfigMap ${configMap} at ${folder}`)];
}
