import { code, paragraphs, table } from '../markdown.mjs';

/** @param {{ metrics: readonly import('../service-metrics.mjs').ServiceMetric[], docs: (type: string) => Map<string, string> }} about */
export function metricsPage({ metrics, docs }) {
  return paragraphs(
    '# Metrics',
    '## Of a service',
    'What `/metrics` of each service shows to Prometheus, beside the metrics of the Node process (`process_*`, ' +
      '`nodejs_*`). What they mean for whoever is on duty: [operations](../operations.md).',
    table(
      ['metric', 'type', 'labels', 'meaning'],
      metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
    ),
    '## Of a model',
    'The figures of `report.json`, for each part of the rows: train, test, out of time, judging. All are weighted, so ' +
      'that they speak of the shop and not of the sample, and 0/0 is 0. Formulas and sources: ' +
      '[statistics](../statistics.md).',
    table(
      ['figure', 'meaning'],
      [...docs('Metrics')]
        .filter(([path]) => !path.includes('.'))
        .map(([field, says]) => [code(field), says]),
    ),
  );
}
