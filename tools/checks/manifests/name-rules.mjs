/** Variables that Node itself and the C library read. */
const OF_THE_RUNTIME = [
  'NODE_ENV',
  'NODE_OPTIONS',
  'MALLOC_ARENA_MAX',
  'MALLOC_MMAP_THRESHOLD_',
  'MALLOC_TRIM_THRESHOLD_',
];
const CONSUMERS = 'propensity-factory/consumers';

const list = (text) =>
  (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
const setting = (pod, name) => pod.settings.find((one) => one.name === name);
const poolsOf = (pod) => list(setting(pod, 'POOLS')?.value ?? 'default');

/**
 * Compares every name that manifests and code share.
 *
 * @param {readonly import('./rendered.mjs').Manifest[]} manifests of one rendering
 * @param {readonly import('./pods.mjs').Pod[]} pods of the same
 * @param {{code: typeof import('./code-names.entry.mjs'), apps: readonly string[]}} known
 * @returns {import('./fault.mjs').Fault[]}
 */
export function nameFaults(manifests, pods, { code, apps }) {
  const { connections, faults } = sourcesOf(manifests, code);
  const ours = pods.filter(({ app }) => apps.includes(app));
  return [
    ...faults,
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

function unknownApp({ manifest, app }, apps) {
  const field = 'spec.template.spec.containers.0.image';
  return { file: manifest.file, field, value: app, todo: `use the image of ${apps.join(', ')}` };
}

/** The connection variables that the rendered sources.yaml names; its faults are those of the services' reader. */
function sourcesOf(manifests, code) {
  const connections = [];
  const faults = [];
  for (const { file, body } of manifests) {
    const text = body.kind === 'ConfigMap' ? body.data?.['sources.yaml'] : undefined;
    if (text === undefined) continue;
    try {
      connections.push(...code.connectionVariables(text));
    } catch (thrown) {
      for (const { field, value, todo } of thrown.refusals ?? [{ field: 'sources', todo: thrown.message }])
        faults.push({ file, field, value, todo });
    }
  }
  return { connections, faults };
}

/** Unknown names, values that the service would refuse at boot, and secrets in plain sight. */
function settingFaults(pod, pods, connections, code) {
  return pod.settings.flatMap(({ name, value, from, file, field, settings }) => {
    if (OF_THE_RUNTIME.includes(name) || connections.includes(name)) return [];
    // A shared ConfigMap may hold what only some of its readers know; so does the image.
    const sharers = pods.filter((other) => other.settings.some((one) => one.settings === settings));
    const readers = from === 'settings' ? sharers : from === 'image' ? pods : [pod];
    const known = (app) => code.variables[app].find((one) => one.variable === name);
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

function requiredFaults(pod, code) {
  return code.variables[pod.app]
    .filter(({ variable, required }) => required && (setting(pod, variable)?.value ?? 'given') === '')
    .concat(code.variables[pod.app].filter(({ variable, required }) => required && !setting(pod, variable)))
    .map(({ variable, description }) => ({
      file: pod.manifest.file,
      field: 'spec.template.spec.containers.0.env',
      value: variable,
      todo: `${pod.app} does not start without it: set it (${description})`,
    }));
}

/** A service's annotation tells where its backlog shows; it is what autoscaling and people go by. */
function consumerFaults({ manifest, app, ...pod }, code) {
  if (manifest.body.kind !== 'Deployment') return [];
  const value = manifest.body.metadata.annotations?.[CONSUMERS];
  const wanted = code.consumersOf(app, poolsOf(pod)).join(',');
  if (value === wanted) return [];
  return [
    {
      file: manifest.file,
      field: `metadata.annotations.${CONSUMERS}`,
      value,
      todo: `${app} takes its messages from ${wanted}: write that`,
    },
  ];
}

/** A trainer's pool has a consumer only if provisioning makes it. */
function poolFaults(pods) {
  const provision = pods.find(({ app }) => app === 'cli');
  const made = ['default', ...list(provision && setting(provision, 'TRAINER_POOLS')?.value)];
  return pods.flatMap((pod) => {
    const pools = setting(pod, 'POOLS');
    return list(pools?.value)
      .filter((pool) => !made.includes(pool))
      .map((pool) => ({
        file: pools.file,
        field: pools.field,
        value: pool,
        todo: `add it to TRAINER_POOLS of the Job provision (${made.join(',')})`,
      }));
  });
}

/** Wherever a document names a stream or a consumer: a typo would count another queue's messages. */
function scalerFaults({ file, body }, pods, code) {
  const known = { stream: code.streams, consumer: code.durables(pods.flatMap(poolsOf)) };
  const visit = (node, path) =>
    Object.entries(node ?? {}).flatMap(([key, value]) => {
      const at = [...path, key];
      if (typeof value === 'object') return visit(value, at);
      return known[key] && typeof value === 'string' && !known[key].includes(value)
        ? [{ file, field: at.join('.'), value, todo: `use one of ${known[key].join(', ')}` }]
        : [];
    });
  return visit(body, []);
}

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
