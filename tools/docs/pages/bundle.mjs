import { code, paragraphs, table } from '../markdown.mjs';
import { schemaTable } from '../schema-table.mjs';

/** @typedef {import('../schema-table.mjs').JsonSchema} JsonSchema */

/**
 * @typedef {object} BundleFacts
 * @property {{ files: readonly string[], folder: string, pointer: { key: string, schema: JsonSchema }, tombstone: JsonSchema, schemas: Record<string, JsonSchema> }} bundle
 */

/** @type {Readonly<Record<string, { says: string, type?: string }>>} */
const FILES = {
  'model.json': { says: 'topology of a TensorFlow.js LayersModel: stock `tf.loadLayersModel` loads it' },
  'weights.bin': {
    says: 'its weights, float32; the prior shift is in the last bias, so probabilities are natural',
  },
  'transform.json': { says: 'how raw columns become the inputs of the network', type: 'Transform' },
  'percentiles.json': { says: 'the score at each 0.1 % of the judging rows', type: 'Percentiles' },
  'golden.json': {
    says: 'rows with their scores: every loader must reproduce them',
    type: 'GoldenRows',
  },
  'report.json': { says: 'figures and verdict', type: 'Report' },
  'profile.json': {
    says: 'what the training window looked like, column by column; only in bundles of schema 2',
    type: 'Profile',
  },
  'logistic.json': {
    says: 'instead of `model.json` and `weights.bin` if the family is `logistic`; also the baseline that a run is compared with',
    type: 'LogisticFile',
  },
  'card.md': {
    says: 'for people: purpose, training data, quality, when not to use it; shows the pictures beside it, `calibration.svg` and `importance.svg`',
  },
  'manifest.json': { says: 'hash and size of every other file, lineage; written last', type: 'Manifest' },
};

/** All parts of the report have the same figures. */
const METRICS = new Map([
  ...[
    'metrics.train',
    'metrics.test',
    'metrics.outOfTime',
    'champion.metrics',
    'baselines.logistic.metrics',
  ].map((path) => /** @type {const} */ ([path, '[figures](metrics.md#of-a-model), or null'])),
  [
    'metrics.judging',
    '[figures](metrics.md#of-a-model), with `reliability` in ten bins and `intervals` by figure, or null',
  ],
]);

/** The hour is a category like any column. */
const PROFILE = new Map([['hour', 'as a column of categories']]);

/** @type {Readonly<Record<string, Map<string, string>>>} */
const ELSEWHERE = { 'report.json': METRICS, 'profile.json': PROFILE };

/** @param {{ facts: BundleFacts, docs: (type: string) => Map<string, string> }} about */
export function bundlePage({ facts: { bundle }, docs }) {
  const described = bundle.files.map((file) => {
    const found = FILES[file];
    if (!found)
      throw new Error(`${file} of a bundle is not described: add it to tools/docs/pages/bundle.mjs`);
    return { file, ...found };
  });
  return paragraphs(
    '# What is published',
    `A bundle is one immutable version of a model, in the folder ${code(bundle.folder)} of the bucket. \`libs/model\` scores it in ` +
      'plain TypeScript; [examples](../../examples/README.md) load it in Python and in a browser.',
    table(
      ['file', 'holds'],
      described.map(({ file, says }) => [code(file), says]),
    ),
    'A reader checks, in this order: the hash of `manifest.json` if it is known (ledger, `model.published`, ' +
      '`champion.json`); the hash of each file; the golden rows. Objects may contain more fields than are named here: ' +
      'later releases add fields, and readers ignore unknown ones.',
    `## champion.json`,
    `${code(bundle.pointer.key)}: the version in force, for readers without a database, which is the authority.`,
    schemaTable(bundle.pointer.schema, docs('ChampionPointer')),
    'Of a retired model it is a tombstone instead. A reader looks at `schemaVersion` first: it refuses a higher one than ' +
      'it knows, and of a retired model there is nothing to score with.',
    schemaTable(bundle.tombstone, docs('Tombstone')),
    ...described.flatMap(({ file, type }) => {
      const schema = bundle.schemas[file];
      if (!type || !schema) return [];
      return [`## ${file}`, schemaTable(schema, docs(type), ELSEWHERE[file])];
    }),
  );
}
