import { CONTAINER, POD } from './pod-view.mjs';
import { amountOf } from './quantity.mjs';

/**
 * @typedef {import('./pod-view.mjs').PodView} PodView
 * @typedef {import('./fault.mjs').Fault} Fault
 * @typedef {import('./fault.mjs').Path} Path
 */

/**
 * Lists of a pod, and by what their entries are told apart: of two that are alike Kubernetes takes the last, or none.
 *
 * @type {readonly {path: Path, key: (entry: any) => unknown}[]}
 */
const LISTS = [
  { path: [...POD, 'volumes'], key: ({ name }) => name },
  { path: [...POD, 'imagePullSecrets'], key: ({ name }) => name },
  { path: [...CONTAINER, 'env'], key: ({ name }) => name },
  { path: [...CONTAINER, 'envFrom'], key: (from) => JSON.stringify(from) },
  { path: [...CONTAINER, 'ports'], key: ({ name }) => name },
  {
    path: [...CONTAINER, 'ports'],
    key: ({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`,
  },
  { path: [...CONTAINER, 'volumeMounts'], key: ({ mountPath }) => mountPath.replace(/\/+$/, '') },
];

/**
 * One container, lists without two entries of a name, and resources that a node can give.
 *
 * @param {PodView} view
 * @returns {Fault[]}
 */
export function listFaults(view) {
  return [
    ...LISTS.flatMap((list) => twice(view, list)),
    ...mountFaults(view),
    ...otherContainers(view),
    ...resourceFaults(view),
  ];
}

/**
 * @param {PodView} view
 * @param {typeof LISTS[number]} list
 * @returns {Fault[]}
 */
function twice(view, { path, key }) {
  const entries = view.at(path);
  if (!Array.isArray(entries)) return [];
  const keys = entries.map(key);
  return keys.flatMap((one, at) =>
    one === undefined || keys.indexOf(one) === at
      ? []
      : [view.fault([...path, at], `is there already, as ${keys.indexOf(one)}: remove one`, one)],
  );
}

/**
 * Volumes that nobody mounts, and mounts of no volume.
 *
 * @param {PodView} view
 * @returns {Fault[]}
 */
function mountFaults(view) {
  const volumes = (view.pod.spec.volumes ?? []).map(({ name }) => name);
  const mounted = (view.pod.container.volumeMounts ?? []).map(({ name }) => name);
  return [
    ...volumes.flatMap((name, at) =>
      mounted.includes(name) ? [] : [view.fault([...POD, 'volumes', at], 'mount it or remove it', name)],
    ),
    ...mounted.flatMap((name, at) =>
      volumes.includes(name)
        ? []
        : [
            view.fault(
              [...CONTAINER, 'volumeMounts', at],
              `no such volume: use one of ${volumes.join(', ') || 'none'}`,
              name,
            ),
          ],
    ),
  ];
}

/**
 * The other rules look at one container.
 *
 * @param {PodView} view
 * @returns {Fault[]}
 */
function otherContainers(view) {
  const { containers, initContainers = [] } = view.pod.spec;
  const others = [
    ...containers.slice(1).map(({ name }, at) => ({ field: ['containers', at + 1], name })),
    ...initContainers.map(({ name }, at) => ({ field: ['initContainers', at], name })),
  ];
  return others.map(({ field, name }) =>
    view.fault([...POD, ...field], 'a pod has one container: no rule looks at another', name),
  );
}

/**
 * @param {PodView} view
 * @returns {Fault[]}
 */
function resourceFaults(view) {
  const { requests = {}, limits = {} } = view.pod.container.resources ?? {};
  return Object.entries(limits).flatMap(([name, limit]) => {
    const path = [...CONTAINER, 'resources', 'limits', name];
    const request = requests[name];
    if (request === undefined)
      return [view.fault(path, `request ${name} too: without it the limit is requested`)];
    return amountOf(limit) >= amountOf(request) ? [] : [view.fault(path, `at least the request, ${request}`)];
  });
}
