import { plainName } from './rendered.mjs';

/**
 * @typedef {object} Setting a variable of a container
 * @property {string} name
 * @property {string} [value] absent when only the cluster knows it
 * @property {'image' | 'settings' | 'secret' | 'cluster' | 'text'} from `settings`: a ConfigMap
 * @property {string} file
 * @property {string} field
 * @property {string} [settings] the ConfigMap's name
 *
 * @typedef {object} Pod a document that makes pods of one of our apps
 * @property {import('./rendered.mjs').Manifest} manifest
 * @property {string} app
 * @property {Record<string, any>} spec of the pod
 * @property {Record<string, any>} container
 * @property {Setting[]} settings what is in force: later layers replace earlier ones
 * @property {string[]} absentSettings ConfigMaps that nothing makes
 */

/** @returns {Pod[]} */
export function podsOf(manifests, image) {
  const settingsMaps = new Map(
    manifests.filter(({ body }) => body.kind === 'ConfigMap').map((one) => [one.body.metadata.name, one]),
  );
  return manifests
    .filter(({ body }) => body.spec?.template?.spec?.containers)
    .map((manifest) => {
      const { spec } = manifest.body.spec.template;
      const [container] = spec.containers;
      const inForce = new Map();
      const layers = [
        ...Object.entries(image.environment).map(([name, value]) => ({
          name,
          value,
          from: 'image',
          file: image.file,
          field: `ENV ${name}`,
        })),
        ...(container.envFrom ?? []).flatMap((from) => settingsFrom(from, settingsMaps)),
        ...(container.env ?? []).map((entry, index) => settingOf(entry, index, manifest)),
      ];
      for (const setting of layers) inForce.set(setting.name, setting);
      return {
        manifest,
        app: appOf(container.image ?? ''),
        spec,
        container,
        settings: [...inForce.values()],
        absentSettings: (container.envFrom ?? [])
          .map(({ configMapRef }) => configMapRef?.name)
          .filter((name) => name && !settingsMaps.has(name)),
      };
    });
}

/** `registry.example.com/propensity-factory/trainer:0.1.0` is `trainer`. */
function appOf(image) {
  return image
    .split('/')
    .at(-1)
    .replace(/[:@].*$/, '');
}

function settingsFrom({ configMapRef }, settingsMaps) {
  const map = configMapRef && settingsMaps.get(configMapRef.name);
  return Object.entries(map?.body.data ?? {}).map(([name, value]) => ({
    name,
    value,
    from: 'settings',
    file: map.file,
    field: `data.${name}`,
    settings: plainName(map.body),
  }));
}

function settingOf({ name, value, valueFrom }, index, { file }) {
  const field = `spec.template.spec.containers.0.env.${index}`;
  if (valueFrom?.secretKeyRef) return { name, from: 'secret', file, field };
  if (valueFrom) return { name, from: 'cluster', file, field };
  return { name, value: value ?? '', from: 'text', file, field };
}
