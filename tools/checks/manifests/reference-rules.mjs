/**
 * References between the documents of one rendering, and to what an operator makes by hand.
 *
 * @param {readonly import('./rendered.mjs').Manifest[]} manifests
 * @param {string} guide text of docs/how-to/deploy.md
 * @returns {import('./fault.mjs').Fault[]}
 */
export function referenceFaults(manifests, guide) {
  const named = new Set(manifests.map(({ body }) => `${body.kind}/${body.metadata.name}`));
  const podLabels = manifests.flatMap(({ body }) => body.spec?.template?.metadata?.labels ?? []);
  return manifests.flatMap(({ file, body }) => {
    if (body.kind === 'Secret')
      return [{ file, field: 'kind', value: 'Secret', todo: 'keep secrets out of the repository' }];
    const fault = (field, value, todo) => ({ file, field, value, todo });
    const wanted = body.spec?.selector?.matchLabels;
    const hits =
      !wanted ||
      podLabels.some((labels) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
    const spec = body.spec?.template?.spec;
    return [
      ...(hits ? [] : [fault('spec.selector.matchLabels', wanted, 'no pod has these labels')]),
      ...(spec ? podReferences(spec, named, guide, fault) : []),
    ];
  });
}

function podReferences(spec, named, guide, fault) {
  const at = 'spec.template.spec';
  const [container] = spec.containers;
  const references = [
    ['serviceAccountName', 'ServiceAccount', spec.serviceAccountName],
    ...(spec.volumes ?? []).map(({ configMap }, index) => [
      `volumes.${index}.configMap.name`,
      'ConfigMap',
      configMap?.name,
    ]),
  ];
  const secrets = [
    ...(container.envFrom ?? []).map(({ secretRef }, index) => ({
      field: `envFrom.${index}`,
      words: [secretRef?.name],
    })),
    ...(container.env ?? []).map(({ valueFrom }, index) => ({
      field: `env.${index}`,
      words: [valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key],
    })),
  ];
  return [
    ...references
      .filter(([, kind, name]) => name !== undefined && !named.has(`${kind}/${name}`))
      .map(([field, kind, name]) => fault(`${at}.${field}`, name, `no such ${kind}: make it or correct it`)),
    ...secrets
      .filter(({ words }) => words.some((word) => word !== undefined && !guide.includes(word)))
      .map(({ field, words }) =>
        fault(
          `${at}.containers.0.${field}`,
          words.join('/'),
          'docs/how-to/deploy.md does not say how to make this secret',
        ),
      ),
  ];
}
