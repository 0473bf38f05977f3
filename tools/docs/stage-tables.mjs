import { code, table } from './markdown.mjs';

/**
 * @typedef {object} Stream
 * @property {string} name
 * @property {readonly string[]} subjects
 * @property {number} [maxAgeDays]
 * @property {number} [maxMessagesPerSubject]
 * @property {number} [maxMessageKib]
 * @property {number} [maxMib]
 * @property {string} [whenFull]
 * @property {number} [duplicateWindowHours]
 */

/**
 * @typedef {object} Pipeline of `@factory/contracts`
 * @property {Record<string, { subject: string, consumedBy: string | null }>} EVENTS
 * @property {{ durable: string, filterSubject: string }} REQUESTS_CONSUMER
 * @property {Record<string, { app: string, consumes: string, emits: readonly string[] }>} STAGE_CHAIN
 * @property {Record<string, Stream>} STREAMS
 * @property {(stage: string, pool: string) => { durable: string }} consumerOf
 */

/**
 * The pipeline as tables: streams, events and stages of stage-chain.ts.
 *
 * @param {Pipeline} pipeline
 * @returns {Record<string, string>} tables by region
 */
export function stageTables({ EVENTS, REQUESTS_CONSUMER, STAGE_CHAIN, STREAMS, consumerOf }) {
  const stages = Object.entries(STAGE_CHAIN);
  const emitters = (/** @type {string} */ event) =>
    stages.filter(([, stage]) => stage.emits.includes(event)).map(([name]) => name);
  return {
    streams: table(
      ['stream', 'subjects', 'kept'],
      Object.values(STREAMS).map((stream) => [
        code(stream.name),
        stream.subjects.map(code).join(', '),
        kept(stream),
      ]),
    ),
    events: table(
      ['event', 'subject', 'from', 'to'],
      Object.entries(EVENTS).map(([event, { subject, consumedBy }]) => [
        code(event),
        code(`${subject}.${consumedBy === 'trials' ? '<pool>.' : ''}<key>`),
        from(event, emitters(event)),
        consumedBy ?? 'anyone',
      ]),
    ),
    stages: table(
      ['stage', 'app', 'takes', 'gives', 'consumer'],
      [
        [
          '(requests)',
          'data-prep',
          code(REQUESTS_CONSUMER.filterSubject),
          code('run.queued'),
          code(REQUESTS_CONSUMER.durable),
        ],
        ...stages.map(([name, { app, consumes, emits }]) => [
          name,
          app,
          code(consumes),
          [...emits, 'run.finished'].map(code).join(', '),
          code(consumerOf(name, '<pool>').durable),
        ]),
      ],
    ),
  };
}

/** The emitter of an event: requests, people and ends belong to no single stage. @param {string} event @param {string[]} emitters */
function from(event, emitters) {
  if (event === 'run.queued') return 'request';
  if (event === 'model.retired') return 'a person';
  return event === 'run.finished' ? 'wherever the run ends' : emitters.join(', ');
}

/** @param {Stream} stream */
function kept({ maxAgeDays, maxMessagesPerSubject, maxMessageKib, maxMib, whenFull, duplicateWindowHours }) {
  return [
    maxAgeDays === undefined ? 'without limit of age' : `${maxAgeDays} days`,
    ...(maxMessagesPerSubject === undefined ? [] : [`at most ${maxMessagesPerSubject} messages a subject`]),
    ...(maxMessageKib === undefined ? [] : [`of at most ${maxMessageKib} KiB each`]),
    ...(maxMib === undefined ? [] : [`at most ${maxMib} MiB`]),
    whenFull === 'refuse' ? 'when full, new ones are refused' : 'when full, the oldest go',
    ...(duplicateWindowHours === undefined
      ? []
      : [`one message id counts once in ${duplicateWindowHours} hours`]),
  ].join('; ');
}
