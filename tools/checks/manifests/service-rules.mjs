import { CONTAINER, POD } from './pod-view.mjs';

/**
 * @typedef {import('./pod-view.mjs').PodView} PodView
 * @typedef {import('./fault.mjs').Fault} Fault
 */

/** A broker that is unavailable must make a pod unready, never restart it. */
const PROBES = /** @type {const} */ ({
  startupProbe: '/health/live',
  readinessProbe: '/health/ready',
  livenessProbe: '/health/live',
});
const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/**
 * What a pod needs that runs all the time: a port, probes, and enough time to start and to end.
 *
 * @param {PodView} view
 * @param {import('../../packing/dockerfile.mjs').Image} image
 * @param {readonly string[]} healthPaths what the services answer
 * @returns {Fault[]}
 */
export function serviceFaults(view, image, healthPaths) {
  const port = Number(view.effective('PORT'));
  return [
    ...portFaults(view, image, port),
    ...Object.keys(PROBES).flatMap((probe) =>
      probeFaults(view, /** @type {keyof typeof PROBES} */ (probe), port, healthPaths),
    ),
    ...timeFaults(view),
  ];
}

/**
 * @param {PodView} view
 * @param {import('../../packing/dockerfile.mjs').Image} image
 * @param {number} port
 * @returns {Fault[]}
 */
function portFaults(view, image, port) {
  const annotations = ['spec', 'template', 'metadata', 'annotations'];
  const host = view.effective('HOST') ?? '';
  return [
    ...view.expect([...CONTAINER, 'ports', 0, 'containerPort'], port),
    ...view.expect([...annotations, 'prometheus.io/port'], String(port)),
    ...view.expect([...annotations, 'prometheus.io/path'], '/metrics'),
    ...(Number(image.exposed) === port
      ? []
      : [{ file: image.file, field: 'EXPOSE', value: image.exposed, todo: `write ${port}` }]),
    ...(LOOPBACK.includes(host)
      ? [view.fault([...CONTAINER, 'env'], 'HOST must let probes in: 0.0.0.0', host)]
      : []),
  ];
}

/**
 * @param {PodView} view
 * @param {keyof typeof PROBES} probe
 * @param {number} port
 * @param {readonly string[]} healthPaths
 * @returns {Fault[]}
 */
function probeFaults(view, probe, port, healthPaths) {
  const { container } = view.pod;
  const asked = container[probe]?.httpGet?.port;
  const named =
    typeof asked === 'number' ? asked : container.ports?.find(({ name }) => name === asked)?.containerPort;
  const get = [...CONTAINER, probe, 'httpGet'];
  const path = PROBES[probe];
  return [
    ...view.expect([...get, 'path'], path),
    ...(healthPaths.includes(path)
      ? []
      : [view.fault([...get, 'path'], `the services answer ${healthPaths.join(', ')}`)]),
    ...(named === port ? [] : [view.fault([...get, 'port'], `point it to port ${port}`)]),
  ];
}

/**
 * @param {PodView} view
 * @returns {Fault[]}
 */
function timeFaults(view) {
  const { spec, container } = view.pod;
  const { periodSeconds = 10, failureThreshold = 3, initialDelaySeconds = 0 } = container.startupProbe ?? {};
  /**
   * @param {import('./fault.mjs').Path} path
   * @param {number} seconds
   * @param {string} variable
   * @param {string} why
   */
  const longerThan = (path, seconds, variable, why) => {
    const least = Number(view.effective(variable));
    return seconds > least ? [] : [view.fault(path, `more than ${least} s: ${variable} is ${why}`, seconds)];
  };
  return [
    ...longerThan(
      [...POD, 'terminationGracePeriodSeconds'],
      spec.terminationGracePeriodSeconds ?? 30,
      'DRAIN_SECONDS',
      'what the service takes to end by itself',
    ),
    ...longerThan(
      [...CONTAINER, 'startupProbe'],
      initialDelaySeconds + periodSeconds * failureThreshold,
      'START_TIMEOUT_SECONDS',
      'how long a start waits for servers (periodSeconds x failureThreshold)',
    ),
  ];
}
