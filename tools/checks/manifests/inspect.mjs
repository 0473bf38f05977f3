import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImage } from '../../packing/dockerfile.mjs';
import { root } from '../../workspace/root.mjs';
import { appNames } from './code-names.mjs';
import { faultText } from './fault.mjs';
import { dockerfileFaults } from './hadolint.mjs';
import { nameFaults } from './name-rules.mjs';
import { podFaults } from './pod-rules.mjs';
import { podsOf } from './pods.mjs';
import { referenceFaults } from './reference-rules.mjs';
import { render } from './rendered.mjs';
import { modelFaults } from './typed-models.mjs';

/**
 * What is needed to look at manifests.
 *
 * @typedef {object} Tools
 * @property {import('./code-names.mjs').CodeNames} code
 * @property {import('./programs.mjs').Programs} programs
 */

/**
 * Everything that is wrong with the manifests below a folder, each fault once.
 *
 * @param {string} top the folder that holds `k8s` and `docker`
 * @param {readonly string[]} overlays what is rendered, as `k8s/overlays/dev`
 * @param {Tools} tools
 * @returns {Promise<{faults: import('./fault.mjs').Fault[], documents: number}>}
 */
export async function inspect(top, overlays, { code, programs }) {
  const image = readImage(top);
  const guide = join(root, 'docs', 'how-to', 'deploy.md');
  const known = { code, image, apps: appNames(), healthPaths: healthPaths() };
  const renderings = await Promise.all(
    overlays.map((overlay) => render({ kubectl: programs.kubectl, top, overlay })),
  );
  const faults = [
    ...(await dockerfileFaults({ hadolint: programs.hadolint, top })),
    ...renderings.flatMap((one) => one.faults),
    ...(await modelFaults(renderings.flatMap((one) => one.manifests))),
    ...renderings.flatMap(({ manifests }) => {
      const pods = podsOf(manifests, image);
      return [
        ...nameFaults(manifests, pods, known),
        ...pods.flatMap((pod) => podFaults(pod, known)),
        ...referenceFaults(manifests, existsSync(guide) ? readFileSync(guide, 'utf8') : ''),
      ];
    }),
  ];
  const documents = renderings.reduce((sum, { manifests }) => sum + manifests.length, 0);
  return { faults: once(faults), documents };
}

/**
 * What is wrong in the base is wrong in each overlay: it is told once, for the base.
 *
 * @param {readonly import('./fault.mjs').Fault[]} faults
 */
function once(faults) {
  /** @param {import('./fault.mjs').Fault} fault */
  const plain = (fault) => faultText(fault).replace(/ \(as rendered by [^)]*\)/, '');
  return [
    ...new Map(faults.map((fault) => /** @type {const} */ ([plain(fault), fault])).reverse()).values(),
  ].reverse();
}

/** The routes of the services' health controller. */
function healthPaths() {
  const text = readFileSync(join(root, 'libs', 'service-kit', 'src', 'health.controller.ts'), 'utf8');
  const base = /@Controller\('(\w+)'\)/.exec(text)?.[1];
  return [...text.matchAll(/@Get\('(\w+)'\)/g)].map(([, path]) => `/${base}/${path}`);
}
