import { code, paragraphs, table } from '../markdown.mjs';
import { schemaTable } from '../schema-table.mjs';

/** @typedef {import('../schema-table.mjs').JsonSchema} JsonSchema */
/** @typedef {{ stream: string, durable: string, filterSubject: string }} Consumer */

/**
 * @typedef {object} MessageFacts
 * @property {number} messageVersion
 * @property {number} datasetMessageVersion of messages that refer to a dataset
 * @property {readonly { name: string, subjects: readonly string[], maxAgeDays?: number, maxMessagesPerSubject?: number }[]} streams
 * @property {string} scheduledSubject
 * @property {{ subject: string, consumer: Consumer, schema: JsonSchema }} request
 * @property {{ subject: string, schema: JsonSchema }} progress
 * @property {readonly { name: string, app: string, consumes: string, emits: readonly string[], consumer: Consumer }[]} stages
 * @property {readonly { name: string, subject: string, consumedBy: string | null, version: number, schema: JsonSchema }[]} events
 * @property {Record<'artefact' | 'window' | 'counts' | 'candidate', JsonSchema>} parts
 */

/** Type name of each message in the contracts. */
const typeName = (/** @type {string} */ event) =>
  event.replace(/(?:^|\.)([a-z])/g, (_, letter) => letter.toUpperCase());

const ARTEFACT = '[file](#a-file)';
const WINDOW = '[window](#a-training-window)';
const COUNTS = '[counts](#counts-of-a-draw)';
const CANDIDATE = '[candidate](#a-candidate)';
/** Fields that contain one of the parts. */
const PARTS = new Map(
  Object.entries({
    checks: ARTEFACT,
    dataset: ARTEFACT,
    ledger: ARTEFACT,
    transform: ARTEFACT,
    report: ARTEFACT,
    scores: ARTEFACT,
    weights: ARTEFACT,
    window: WINDOW,
    counts: COUNTS,
    candidate: CANDIDATE,
    candidates: `list of ${CANDIDATE}`,
  }),
);

/** @param {{ facts: MessageFacts, docs: (type: string) => Map<string, string> }} about */
export function messagesPage({ facts, docs }) {
  const { request, progress, stages, events, streams, parts } = facts;
  return paragraphs(
    '# Messages',
    `All messages that are sent over NATS. They are JSON in UTF-8, contain ids and references but never rows, and have a ` +
      `version \`v\`: ${facts.messageVersion}, and ${facts.datasetMessageVersion} in ${refersToDatasets(facts)}, which ` +
      `refer to a dataset. A reader accepts its own version and the previous one. ` +
      '`<key>` is `<source>.<product>`. The code: `libs/contracts/src/stage-chain.ts`.',
    '## The chain',
    table(
      ['stage', 'service', 'takes', 'from consumer', 'emits'],
      stages.map(({ name, app, consumes, emits, consumer }) => [
        name,
        app,
        eventLink(consumes),
        code(`${consumer.stream}/${consumer.durable}`),
        emits.map(eventLink).join(', '),
      ]),
    ),
    `Requests are consumed by data-prep from ${code(`${request.consumer.stream}/${request.consumer.durable}`)}. Every stage may ` +
      'also end a run: `run.finished`.',
    '## Streams',
    table(
      ['stream', 'subjects', 'kept'],
      streams.map((stream) => [code(stream.name), stream.subjects.map(code).join(', '), keptText(stream)]),
    ),
    `A schedule is a message on \`factory.schedule.<name>\` with the header \`Nats-Schedule\`, and ` +
      `\`Nats-Schedule-Target: ${facts.scheduledSubject}\`: [schedule retrains](../how-to/schedule-retrains.md). Work ` +
      'that was given up is on `dead.<subject>`.',
    `## retrain.requested`,
    `Subject ${code(request.subject)}; anyone may publish it, with plain core NATS. \`{"productId": 0}\` is a complete request.`,
    schemaTable(request.schema, docs('RetrainRequested')),
    '## Every message of a run',
    'says first:',
    schemaTable(onlyHeader(events), docs('RunFinished')),
    ...events.map(({ name, subject, consumedBy, schema }) =>
      paragraphs(
        `## ${name}`,
        `Subject ${code(`${subject}.${consumedBy === 'trials' ? '<pool>.' : ''}<key>`)}; ` +
          (consumedBy ? `starts the stage ${consumedBy}.` : 'for any subscriber.'),
        schemaTable(withoutHeader(schema), docs(typeName(name)), PARTS),
      ),
    ),
    '## progress',
    `Subject ${code(progress.subject)}; core NATS, not stored; for showing progress to people.`,
    schemaTable(progress.schema, docs('ProgressMessage')),
    '## A file',
    'A file in the object store. Readers verify its hash before they use a byte.',
    schemaTable(parts.artefact, docs('ArtefactRef')),
    '## A training window',
    schemaTable(parts.window, docs('WindowMessage')),
    '## Counts of a draw',
    schemaTable(parts.counts, docs('DrawnCounts')),
    '## A candidate',
    schemaTable(parts.candidate, docs('Candidate'), PARTS),
  );
}

/** @param {MessageFacts} facts */
const refersToDatasets = ({ events, datasetMessageVersion }) =>
  events
    .filter(({ version }) => version === datasetMessageVersion)
    .map(({ name }) => eventLink(name))
    .join(', ');

/** Fields of every message of a run; the others differ. */
const HEADER = ['v', 'run', 'source', 'product', 'goal', 'shard'];

/** @param {JsonSchema} schema @param {(name: string) => boolean} which @returns {JsonSchema} */
const withFields = (schema, which) => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => which(name))),
});

/** @param {JsonSchema} schema */
const withoutHeader = (schema) => withFields(schema, (name) => !HEADER.includes(name));

/** @param {MessageFacts['events']} events @returns {JsonSchema} */
function onlyHeader(events) {
  const headers = events.map(({ schema }) => withFields(schema, (name) => HEADER.includes(name)));
  const [first = {}] = headers;
  // Versions differ, and are named at the top of the page.
  const textOf = (/** @type {JsonSchema} */ { properties }) => JSON.stringify({ ...properties, v: null });
  const alike = headers.every((header) => textOf(header) === textOf(first));
  if (!alike)
    throw new Error(
      `messages no longer have the same header fields: correct HEADER in tools/docs/pages/messages.mjs`,
    );
  return first;
}

/** @param {string} name */
const eventLink = (name) => `[${code(name)}](#${name.replace('.', '')})`;

/** @param {{ maxAgeDays?: number, maxMessagesPerSubject?: number }} stream */
function keptText({ maxAgeDays, maxMessagesPerSubject }) {
  if (maxAgeDays !== undefined) return `${maxAgeDays} days`;
  return maxMessagesPerSubject === undefined ? '' : `${maxMessagesPerSubject} of each subject`;
}
