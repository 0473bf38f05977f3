import { plainName } from './document.mjs';

/**
 * @typedef {import('./document.mjs').Manifest} Manifest
 *
 * @typedef {object} Setting a variable of a container
 * @property {string} name
 * @property {string} [value] absent when only the cluster knows it
 * @property {'image' | 'settings' | 'secret' | 'cluster' | 'text'} from `settings`: a ConfigMap
 * @property {string} file
 * @property {string} field
 * @property {string} [settings] the ConfigMap's name
 *
 * @typedef {object} Pod a document that makes pods of one of our apps
 * @property {Manifest} manifest
 * @property {string} app
 * @property {import('./document.mjs').PodSpec} spec of the pod
 * @property {import('./document.mjs').Container} container
 * @property {readonly Setting[]} settings what is in force: later layers replace earlier ones
 * @property {readonly string[]} absentSettings ConfigMaps that nothing makes
 */

/**
 * @param {readonly Manifest[]} manifests
 * @param {import('../../packing/dockerfile.mjs').Image} image
 * @returns {Pod[]}
 */
export function podsOf(manifests, image) {
  const settingsMaps = new Map(
    manifests.filter(({ body }) => body.kind === 'ConfigMap').map((one) => [one.body.metadata.name, one]),
  );
  return manifests.flatMap((manifest) => {
    const spec = manifest.body.spec?.template?.spec;
    const container = spec?.containers?.[0];
    if (!spec || !container) return [];
    const layers = [
      ...settingsOfImage(image),
      ...(container.envFrom ?? []).flatMap((from) => settingsFrom(from, settingsMaps)),
      ...(container.env ?? []).map((entry, index) => settingOf(entry, index, manifest)),
    ];
    return {
      manifest,
      app: appOf(container.image ?? ''),
      spec,
      container,
      settings: [...new Map(layers.map((setting) => [setting.name, setting])).values()],
      absentSettings: (container.envFrom ?? []).flatMap(({ configMapRef }) => {
        const name = configMapRef?.name;
        return name && !settingsMaps.has(name) ? [name] : [];
      }),
    };
  });
}

/**
 * `registry.example.com/propensity-factory/trainer:0.1.0` is `trainer`.
 *
 * @param {string} image
 */
function appOf(image) {
  return image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '');
}

/**
 * @param {import('../../packing/dockerfile.mjs').Image} image
 * @returns {Setting[]}
 */
function settingsOfImage({ environment, file }) {
  return Object.entries(environment).map(([name, value]) => ({
    name,
    value,
    from: 'image',
    file,
    field: `ENV ${name}`,
  }));
}

/**
 * @param {{configMapRef?: {name?: string}}} from
 * @param {ReadonlyMap<string, Manifest>} settingsMaps
 * @returns {Setting[]}
 */
function settingsFrom({ configMapRef }, settingsMaps) {
  const map = configMapRef?.name === undefined ? undefined : settingsMaps.get(configMapRef.name);
  if (!map) return [];
  return Object.entries(map.body.data ?? {}).map(([name, value]) => ({
    name,
    value,
    from: 'settings',
    file: map.file,
    field: `data.${name}`,
    settings: plainName(map.body),
  }));
}

/**
 * @param {import('kubernetes-models/v1/EnvVar').IEnvVar} entry
 * @param {number} index
 * @param {Manifest} manifest
 * @returns {Setting}
 */
function settingOf({ name, value, valueFrom }, index, { file }) {
  const field = `spec.template.spec.containers.0.env.${index}`;
  if (valueFrom?.secretKeyRef) return { name, from: 'secret', file, field };
  if (valueFrom) return { name, from: 'cluster', file, field };
  return { name, value: value ?? '', from: 'text', file, field };
}
