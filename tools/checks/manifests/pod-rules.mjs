import { valueAt } from './fault.mjs';

const POD = ['spec', 'template', 'spec'];
const CONTAINER = [...POD, 'containers', 0];
/** A broker that is away must make a pod unready, never restart it. */
const PROBES = {
  startupProbe: '/health/live',
  readinessProbe: '/health/ready',
  livenessProbe: '/health/live',
};
/** What the namespace's `restricted` standard asks for, and a root folder that can't be written. */
const HARDENED = [
  [[...POD, 'automountServiceAccountToken'], false],
  [[...POD, 'securityContext', 'runAsNonRoot'], true],
  [[...POD, 'securityContext', 'seccompProfile', 'type'], 'RuntimeDefault'],
  [[...CONTAINER, 'securityContext', 'allowPrivilegeEscalation'], false],
  [[...CONTAINER, 'securityContext', 'readOnlyRootFilesystem'], true],
  [[...CONTAINER, 'securityContext', 'capabilities', 'drop', 0], 'ALL'],
];
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/**
 * What a pod needs to run, to be asked for its health and to end in peace.
 *
 * @param {import('./pods.mjs').Pod} pod
 * @param {{code: typeof import('./code-names.entry.mjs'), image: ReturnType<typeof import('./dockerfile.mjs').readImage>, healthPaths: readonly string[]}} known
 * @returns {import('./fault.mjs').Fault[]}
 */
export function podFaults(pod, { code, image, healthPaths }) {
  const { manifest, app, container, absentSettings } = pod;
  const fault = (path, todo, value = valueAt(manifest.body, path)) => ({
    file: manifest.file,
    field: path.join('.'),
    value,
    todo,
  });
  const effective = (name) =>
    pod.settings.find((one) => one.name === name)?.value ??
    code.variables[app]?.find((one) => one.variable === name)?.default;
  const expect = (path, wanted) =>
    valueAt(manifest.body, path) === wanted ? [] : [fault(path, `write ${JSON.stringify(wanted)}`)];

  const always = [
    ...HARDENED.flatMap(([path, wanted]) => expect(path, wanted)),
    ...expect([...POD, 'securityContext', 'runAsUser'], Number(image.user)),
    ...expect(['spec', 'template', 'metadata', 'labels', 'app.kubernetes.io/name'], app),
    ...absentSettings.map((name) =>
      fault([...CONTAINER, 'envFrom'], 'no such ConfigMap: make it or drop it', name),
    ),
    ...[
      ['requests', 'cpu'],
      ['requests', 'memory'],
      ['limits', 'memory'],
    ]
      .map((path) => [...CONTAINER, 'resources', ...path])
      .filter((path) => valueAt(manifest.body, path) === undefined)
      .map((path) => fault(path, 'say how much')),
    ...sourcesFileFaults(pod, effective('SOURCES_FILE'), fault),
  ];
  if (manifest.body.kind !== 'Deployment') return always;

  const port = Number(effective('PORT'));
  const named = (reference) =>
    typeof reference === 'number'
      ? reference
      : container.ports?.find(({ name }) => name === reference)?.containerPort;
  const budgetOf = ({ periodSeconds = 10, failureThreshold = 3, initialDelaySeconds = 0 } = {}) =>
    initialDelaySeconds + periodSeconds * failureThreshold;
  const atLeast = (path, figure, least, why) =>
    figure > least ? [] : [fault(path, `more than ${least} s: ${why}`, figure)];
  return [
    ...always,
    ...expect([...CONTAINER, 'ports', 0, 'containerPort'], port),
    ...expect(['spec', 'template', 'metadata', 'annotations', 'prometheus.io/port'], String(port)),
    ...expect(['spec', 'template', 'metadata', 'annotations', 'prometheus.io/path'], '/metrics'),
    ...(Number(image.exposed) === port
      ? []
      : [{ file: image.file, field: 'EXPOSE', value: image.exposed, todo: `write ${port}` }]),
    ...(LOOPBACK.includes(effective('HOST'))
      ? [fault([...CONTAINER, 'env'], 'HOST must let probes in: 0.0.0.0', effective('HOST'))]
      : []),
    ...Object.entries(PROBES).flatMap(([probe, path]) => [
      ...expect([...CONTAINER, probe, 'httpGet', 'path'], path),
      ...(healthPaths.includes(path)
        ? []
        : [fault([...CONTAINER, probe, 'httpGet', 'path'], `the services answer ${healthPaths.join(', ')}`)]),
      ...(named(container[probe]?.httpGet?.port) === port
        ? []
        : [fault([...CONTAINER, probe, 'httpGet', 'port'], `point it to port ${port}`)]),
    ]),
    ...atLeast(
      [...POD, 'terminationGracePeriodSeconds'],
      pod.spec.terminationGracePeriodSeconds ?? 30,
      Number(effective('DRAIN_SECONDS')),
      'DRAIN_SECONDS is what the service takes to end by itself',
    ),
    ...atLeast(
      [...CONTAINER, 'startupProbe'],
      budgetOf(container.startupProbe),
      Number(effective('START_TIMEOUT_SECONDS')),
      'START_TIMEOUT_SECONDS is how long a start waits for servers (periodSeconds x failureThreshold)',
    ),
  ];
}

/** SOURCES_FILE must lie where a ConfigMap with such a file is mounted. */
function sourcesFileFaults({ settings, container, spec }, path, fault) {
  if (!settings.some(({ name }) => name === 'SOURCES_FILE')) return [];
  const folder = path.slice(0, path.lastIndexOf('/'));
  const mount = container.volumeMounts?.find(({ mountPath }) => mountPath === folder);
  const volume = spec.volumes?.find(({ name }) => name === mount?.name);
  if (volume?.configMap?.name?.startsWith('factory-sources')) return [];
  return [fault([...CONTAINER, 'volumeMounts'], `mount the ConfigMap factory-sources at ${folder}`)];
}
