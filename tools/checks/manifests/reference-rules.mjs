/**
 * @typedef {import('./document.mjs').Manifest} Manifest
 * @typedef {import('./fault.mjs').Fault} Fault
 */

/**
 * References between the documents of one rendering, and to what an operator makes by hand.
 *
 * @param {readonly Manifest[]} manifests
 * @param {string} guide text of docs/how-to/deploy.md
 * @returns {Fault[]}
 */
export function referenceFaults(manifests, guide) {
  const named = new Set(manifests.map(({ body }) => `${body.kind}/${body.metadata.name}`));
  const podLabels = manifests.flatMap(({ body }) => {
    const labels = body.spec?.template?.metadata?.labels;
    return labels ? [labels] : [];
  });
  return manifests.flatMap(({ file, body }) => {
    if (body.kind === 'Secret')
      return [{ file, field: 'kind', value: 'Secret', todo: 'keep secrets out of the repository' }];
    const wanted = body.spec?.selector?.matchLabels;
    const hits =
      !wanted ||
      podLabels.some((labels) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
    const spec = body.spec?.template?.spec;
    return [
      ...(hits
        ? []
        : [{ file, field: 'spec.selector.matchLabels', value: wanted, todo: 'no pod has these labels' }]),
      ...(spec ? [...namedFaults(spec, named, file), ...secretFaults(spec, guide, file)] : []),
    ];
  });
}

const POD = 'spec.template.spec';

/**
 * Documents that a pod needs and nothing makes.
 *
 * @param {import('./document.mjs').PodSpec} spec
 * @param {ReadonlySet<string>} named
 * @param {string} file
 * @returns {Fault[]}
 */
function namedFaults(spec, named, file) {
  const references = [
    { field: 'serviceAccountName', kind: 'ServiceAccount', name: spec.serviceAccountName },
    ...(spec.volumes ?? []).map(({ configMap }, index) => ({
      field: `volumes.${index}.configMap.name`,
      kind: 'ConfigMap',
      name: configMap?.name,
    })),
  ];
  return references
    .filter(({ kind, name }) => name !== undefined && !named.has(`${kind}/${name}`))
    .map(({ field, kind, name }) => ({
      file,
      field: `${POD}.${field}`,
      value: name,
      todo: `no such ${kind}: make it or correct it`,
    }));
}

/**
 * Secrets that the guide does not say how to make.
 *
 * @param {import('./document.mjs').PodSpec} spec
 * @param {string} guide
 * @param {string} file
 * @returns {Fault[]}
 */
function secretFaults(spec, guide, file) {
  const [container] = spec.containers;
  const secrets = [
    ...(container?.envFrom ?? []).map(({ secretRef }, index) => ({
      field: `envFrom.${index}`,
      words: [secretRef?.name],
    })),
    ...(container?.env ?? []).map(({ valueFrom }, index) => ({
      field: `env.${index}`,
      words: [valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key],
    })),
  ];
  return secrets
    .filter(({ words }) => words.some((word) => word !== undefined && !guide.includes(word)))
    .map(({ field, words }) => ({
      file,
      field: `${POD}.containers.0.${field}`,
      value: words.join('/'),
      todo: 'docs/how-to/deploy.md does not say how to make this secret',
    }));
}
