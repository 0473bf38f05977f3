import { listIn, poolsOf, settingOf } from './settings.mjs';

/**
 * @typedef {import('./pods.mjs').Pod} Pod
 * @typedef {import('./code-names.mjs').CodeNames} CodeNames
 * @typedef {import('./fault.mjs').Fault} Fault
 */

const CONSUMERS = 'propensity-factory/consumers';

/**
 * A service's annotation tells where its backlog shows; it is what autoscaling and people go by.
 *
 * @param {Pod} pod
 * @param {CodeNames} code
 * @returns {Fault[]}
 */
export function consumerFaults(pod, code) {
  const { body, file } = pod.manifest;
  if (body.kind !== 'Deployment') return [];
  const value = body.metadata.annotations?.[CONSUMERS];
  const wanted = code.consumersOf(pod.app, poolsOf(pod)).join(',');
  if (value === wanted) return [];
  const todo = `${pod.app} takes its messages from ${wanted}: write that`;
  return [{ file, field: `metadata.annotations.${CONSUMERS}`, value, todo }];
}

/**
 * A trainer's pool has a consumer only if provisioning makes it.
 *
 * @param {readonly Pod[]} pods
 * @returns {Fault[]}
 */
export function poolFaults(pods) {
  const provision = pods.find(({ app }) => app === 'cli');
  const made = ['default', ...listIn(provision && settingOf(provision, 'TRAINER_POOLS')?.value)];
  const todo = `add it to TRAINER_POOLS of the Job provision (${made.join(',')})`;
  return pods.flatMap((pod) => {
    const pools = settingOf(pod, 'POOLS');
    if (!pools) return [];
    const { file, field, value: named } = pools;
    return listIn(named)
      .filter((pool) => !made.includes(pool))
      .map((value) => ({ file, field, value, todo }));
  });
}

/**
 * Wherever a document names a stream or a consumer: a typo would count another queue's messages.
 *
 * @param {import('./document.mjs').Manifest} manifest
 * @param {readonly Pod[]} pods
 * @param {CodeNames} code
 * @returns {Fault[]}
 */
export function scalerFaults({ file, body }, pods, code) {
  const known = new Map([
    ['stream', code.streams],
    ['consumer', code.durables(pods.flatMap(poolsOf))],
  ]);
  /**
   * @param {object} node
   * @param {readonly string[]} path
   * @returns {Fault[]}
   */
  const visit = (node, path) =>
    Object.entries(node).flatMap(([key, value]) => {
      const at = [...path, key];
      if (typeof value === 'object') return value === null ? [] : visit(value, at);
      const names = known.get(key);
      return names && typeof value === 'string' && !names.includes(value)
        ? [{ file, field: at.join('.'), value, todo: `use one of ${names.join(', ')}` }]
        : [];
    });
  return visit(body, []);
}
