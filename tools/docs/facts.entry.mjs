/*
 * Declarations of the libs, compiled and loaded. The reference pages are generated only from these and from the comments
 * next to the same code (`field-docs.mjs`, `error-codes.mjs`, `service-metrics.mjs`).
 */
import {
  EVENTS,
  DATASET_MESSAGE_VERSION,
  MESSAGE_VERSION,
  REQUESTS_CONSUMER,
  SCHEDULED_RETRAIN_SUBJECT,
  STAGE_CHAIN,
  STREAMS,
  artefactField,
  candidateField,
  consumerOf,
  drawnCountsField,
  progressMessage,
  progressSubject,
  retrainRequested,
  windowField,
  versionOf,
} from '@factory/contracts';
import { AWAY_REASONS, POLICY_FIELDS, ServerAwayError } from '@factory/domain';
import { BUNDLE_FILES, BUNDLE_SCHEMAS, MODEL_FILES } from '@factory/model';
import { championKey, versionPrefix } from '@factory/object-store';
import { championPointerSchema, tombstoneSchema } from '@factory/registry';
import { z } from 'zod';

/**
 * As JSON Schema: fields as written, before a reader adds defaults.
 *
 * @param {z.ZodType} schema
 */
const jsonSchema = (schema) =>
  /** @type {import('./schema-table.mjs').JsonSchema} */ (
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  );

export const policy = Object.entries(POLICY_FIELDS).map(([name, field]) => ({ name, ...field }));

export const messageVersion = MESSAGE_VERSION;
export const datasetMessageVersion = DATASET_MESSAGE_VERSION;
export const streams = Object.values(STREAMS);
export const scheduledSubject = SCHEDULED_RETRAIN_SUBJECT;
export const request = {
  subject: REQUESTS_CONSUMER.filterSubject,
  consumer: REQUESTS_CONSUMER,
  schema: jsonSchema(retrainRequested),
};
export const progress = { subject: progressSubject('<run>'), schema: jsonSchema(progressMessage) };
export const stages = Object.entries(STAGE_CHAIN).map(([name, stage]) => ({
  ...{ name, ...stage, consumer: consumerOf(/** @type {keyof typeof STAGE_CHAIN} */ (name), '<pool>') },
}));
export const events = Object.entries(EVENTS).map(([name, { subject, schema, consumedBy }]) => ({
  ...{ name, subject, consumedBy, schema: jsonSchema(schema) },
  version: versionOf(/** @type {keyof typeof EVENTS} */ (name)),
}));
/** Objects that occur in several messages. */
export const parts = {
  artefact: jsonSchema(artefactField),
  window: jsonSchema(windowField),
  counts: jsonSchema(drawnCountsField),
  candidate: jsonSchema(candidateField),
};

const anyKey = /** @type {import('@factory/domain').ModelKey} */ (
  /** @type {unknown} */ ({ source: '<source>', goal: '<goal>', product: '<product>' })
);
export const bundle = {
  files: [...BUNDLE_FILES, ...MODEL_FILES.logistic],
  folder: versionPrefix(anyKey, '<version>'),
  pointer: { key: championKey(anyKey), schema: jsonSchema(championPointerSchema) },
  tombstone: jsonSchema(tombstoneSchema),
  schemas: Object.fromEntries(
    Object.entries(BUNDLE_SCHEMAS).map(([file, schema]) => [file, jsonSchema(schema)]),
  ),
};

export const serverCodes = /** @type {const} */ (['broker', 'database', 'store', 'source']).flatMap(
  (server) =>
    AWAY_REASONS.map((why) => {
      const { code, todo } = new ServerAwayError(server, { why });
      return { code, server, why, todo };
    }),
);
