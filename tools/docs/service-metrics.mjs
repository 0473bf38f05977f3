import ts from 'typescript';
import { textOf, walk } from './source-program.mjs';

/** @typedef {{ name: string, type: string, labels: string[], help: string }} ServiceMetric */

const MAKER = /^make(Counter|Gauge|Histogram|Summary)Provider$/;

/**
 * Every metric that a service exports to Prometheus, from its declaration.
 *
 * @param {import('./source-program.mjs').SourceProgram} program
 * @returns {ServiceMetric[]} by name
 */
export function serviceMetrics({ checker, sources }) {
  /** @type {ServiceMetric[]} */
  const found = [];
  for (const source of sources)
    walk(source, (node) => {
      if (!ts.isCallExpression(node)) return;
      const type = MAKER.exec(node.expression.getText())?.[1];
      const [options] = node.arguments;
      if (!type || !options || !ts.isObjectLiteralExpression(options)) return;
      const field = (/** @type {string} */ name) =>
        options.properties.filter(ts.isPropertyAssignment).find((one) => one.name.getText() === name)
          ?.initializer;
      const labels = field('labelNames');
      const name = textOf(checker, field('name'));
      const help = textOf(checker, field('help'));
      if (!name || !help) throw new Error(`${node.getText()}: name and help of a metric are constants`);
      found.push({
        name,
        type: type.toLowerCase(),
        labels:
          labels && ts.isArrayLiteralExpression(labels)
            ? labels.elements.map((one) => textOf(checker, one) ?? '')
            : [],
        help,
      });
    });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
