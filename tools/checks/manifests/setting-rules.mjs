import { settingOf } from './settings.mjs';

/**
 * @typedef {import('./pods.mjs').Pod} Pod
 * @typedef {import('./code-names.mjs').CodeNames} CodeNames
 * @typedef {import('./fault.mjs').Fault} Fault
 */

/** Variables that Node itself and the C library read. */
const OF_THE_RUNTIME = [
  'NODE_ENV',
  'NODE_OPTIONS',
  'MALLOC_ARENA_MAX',
  'MALLOC_MMAP_THRESHOLD_',
  'MALLOC_TRIM_THRESHOLD_',
];

/**
 * Unknown names, values that the service would refuse at boot, and secrets in plain sight.
 *
 * @param {Pod} pod
 * @param {readonly Pod[]} pods of the same rendering
 * @param {readonly string[]} connections variables of sources
 * @param {CodeNames} code
 * @returns {Fault[]}
 */
export function settingFaults(pod, pods, connections, code) {
  return pod.settings.flatMap(({ name, value, from, file, field, settings }) => {
    if (OF_THE_RUNTIME.includes(name) || connections.includes(name)) return [];
    // A shared ConfigMap may hold what only some of its readers know; so does the image.
    const sharers = pods.filter((other) => other.settings.some((one) => one.settings === settings));
    const readers = from === 'settings' ? sharers : from === 'image' ? pods : [pod];
    /** @param {string} app */
    const known = (app) => code.variables.get(app)?.find((one) => one.variable === name);
    if (!readers.some(({ app }) => known(app))) {
      const who = [...new Set(readers.map(({ app }) => app))].join(', ');
      return [{ file, field, value: name, todo: `no such variable in ${who}: correct or remove it` }];
    }
    const own = known(pod.app);
    if (own?.secret && (from === 'settings' || from === 'text'))
      return [{ file, field, value: '***', todo: `${name} is a secret: take it from one by secretKeyRef` }];
    const refusal =
      own && value !== undefined && from !== 'image' ? code.refusalOf(pod.app, name, value) : undefined;
    return refusal ? [{ file, field, value, todo: `${pod.app} refuses it: ${refusal}` }] : [];
  });
}

/**
 * Variables without which the service does not start, and which the pod leaves out or gives empty.
 *
 * @param {Pod} pod
 * @param {CodeNames} code
 * @returns {Fault[]}
 */
export function requiredFaults(pod, code) {
  const required = (code.variables.get(pod.app) ?? []).filter((one) => one.required);
  return required
    .filter(({ variable }) => {
      const setting = settingOf(pod, variable);
      return !setting || setting.value === '';
    })
    .map(({ variable, description }) => ({
      file: pod.manifest.file,
      field: 'spec.template.spec.containers.0.env',
      value: variable,
      todo: `${pod.app} does not start without it: set it (${description})`,
    }));
}
