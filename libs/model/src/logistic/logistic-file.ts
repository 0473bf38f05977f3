import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { jsonBytes, parseJson } from '../json-file';

const SCHEMA_VERSION = 1;
export const LOGISTIC_FILE = 'logistic.json';

export const logisticSchema = z.looseObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** Of a published model: with the prior shift. */
  intercept: z.number(),
  /** One for each of the transform's `outputs`, in their order. */
  weights: z.array(z.number()).min(1),
});

/** `logistic.json`: logit = intercept + sum of weight x output of the transform. */
export type LogisticFile = z.infer<typeof logisticSchema>;

/** A logistic regression. */
export interface LogisticWeights {
  /** [inputs] */
  readonly weights: Float64Array;
  readonly intercept: number;
}

export function encodeLogistic({ weights, intercept }: LogisticWeights): Buffer {
  return jsonBytes({
    schemaVersion: SCHEMA_VERSION,
    intercept,
    weights: [...weights],
  } satisfies LogisticFile);
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact`; NewerVersionError */
export function decodeLogistic(bytes: Uint8Array): LogisticWeights {
  const json = parseJson(LOGISTIC_FILE, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { weights, intercept } = parseVersioned(LOGISTIC_FILE, SCHEMA_VERSION, logisticSchema, json);
  return { weights: Float64Array.from(weights), intercept };
}
