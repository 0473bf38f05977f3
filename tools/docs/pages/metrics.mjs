import { code, paragraphs, table } from '../markdown.mjs';

/** @param {{ metrics: readonly import('../service-metrics.mjs').ServiceMetric[], docs: (type: string) => Map<string, string> }} about */
export function metricsPage({ metrics, docs }) {
  return paragraphs(
    '# Metrics',
    '## Of a service',
    'Metrics that `/metrics` of each service exports to Prometheus, in addition to the metrics of the Node process ' +
      '(`process_*`, `nodejs_*`). What they mean for the person on call: [operations](../operations.md).',
    table(
      ['metric', 'type', 'labels', 'meaning'],
      metrics.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
    ),
    '## Of a model',
    'The figures of `report.json`, for each part of the rows: train, test, out of time, judging. All are weighted, so ' +
      'that they describe the shop and not the sample, and 0/0 is 0. Formulas and sources: ' +
      '[statistics](../statistics.md).',
    table(
      ['figure', 'meaning'],
      [...docs('Metrics')]
        .filter(([path]) => !path.includes('.'))
        .map(([field, says]) => [code(field), says]),
    ),
  );
}
