import { code, table } from './markdown.mjs';

/** @typedef {{ node1: number, node2: number, dropout1: number, dropout2: number, optimizer: string, learningRate: number, batchSize: number }} Settings */

/**
 * @param {readonly string[]} names
 * @param {(name: string) => readonly { settings: Settings }[]} expand
 */
export function gridTable(names, expand) {
  return table(
    ['grid', 'trials', 'node1, node2', 'dropout1, dropout2', 'optimizer', 'learning rate', 'batch size'],
    names.map((name) => {
      const trials = expand(name).map(({ settings }) => settings);
      const values = (/** @type {(one: Settings) => string | number} */ of) =>
        [...new Set(trials.map(of))].join(', ');
      return [
        code(name),
        String(trials.length),
        [...new Set(trials.map(({ node1, node2 }) => `(${node1}, ${node2})`))].join(' '),
        [...new Set(trials.map(({ dropout1, dropout2 }) => `(${dropout1}, ${dropout2})`))].join(' '),
        values(({ optimizer }) => optimizer),
        values(({ learningRate }) => learningRate),
        values(({ batchSize }) => batchSize),
      ];
    }),
  );
}
