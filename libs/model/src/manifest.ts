import { createHash } from 'node:crypto';
import { FIRST_FAMILY, HALVES, IntegrityError } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { aboutSchema } from './card/about';
import { featureMomentSchema } from './feature-moment';
import { windowSchema } from './report';
import { repairLineSchema } from './report-repair';

/** The version of a bundle with a profile, and of one without: releases that know only networks read that as well. */
export const MANIFEST_SCHEMA_VERSION = 2;
const VERSION_WITHOUT_PROFILE = 1;
/**
 * The versions that this release reads. A bundle of schema 1 is a network and need not say so; one of schema 2
 * names its family and may have files in addition to those that the family needs. Without one of those it is broken:
 * another layout of a known family is schema 3.
 */
export const READ_MANIFEST_VERSIONS = [1, 2] as const;

const sha256Field = z.string().regex(/^[0-9a-f]{64}$/);

/** Out-of-time rows in `[start, end)`, ISO 8601, UTC, of one half of the visitors (rules R3). */
const outOfTimeHalfSchema = z.looseObject({ start: z.string(), end: z.string(), half: z.enum(HALVES) });
export type OutOfTimeHalf = z.infer<typeof outOfTimeHalfSchema>;

/** Rows of a training window. */
const fittedOnSchema = z.looseObject({
  /** `[start, trainEnd)`, ISO 8601, UTC. */
  window: z.looseObject({ start: z.string(), trainEnd: z.string() }),
  /** Marks of the rows. */
  marks: z.array(z.string()),
  /** Out-of-time rows of one half of the visitors that the model was chosen by or repaired on. Absent: none. */
  outOfTime: outOfTimeHalfSchema.optional(),
});
export type FittedOn = z.infer<typeof fittedOnSchema>;

/** The origin of a model. */
export const lineageSchema = z.looseObject({
  /** The run that made it. */
  run: z.string(),
  source: z.string(),
  product: z.number(),
  goal: z.string(),
  /** The days that it was trained on. */
  window: windowSchema,
  /** Hash of the SQL text that drew the rows. */
  sqlSha256: sha256Field,
  /** Of `dataset.arrow`. */
  datasetSha256: sha256Field,
  /** `CODE_VERSION` of the publisher. */
  codeVersion: z.string(),
  /** When features were known: a scorer must read them at the same cut. */
  featureMoment: featureMomentSchema.optional(),
  /**
   * The rows that the model was fitted and chosen on: nobody may judge it, or its successor, by them (rules R6). The
   * transform and the profile are of these days, also if the model was trained on the last of them only (`window`).
   * Absent: `train` and `validation` rows of the window.
   */
  fittedOn: fittedOnSchema.optional(),
  /** What people have declared of the goal. */
  about: aboutSchema.optional(),
});
export type Lineage = z.infer<typeof lineageSchema>;

export const manifestSchema = z
  .looseObject({
    schemaVersion: z.literal(READ_MANIFEST_VERSIONS),
    /** The name of the bundle: `<time>-<run>`. */
    version: z.string(),
    /** ISO 8601, UTC. */
    createdAt: z.string(),
    /** Kind of model. Absent in schema 1: `network`. */
    family: z.string().default(FIRST_FAMILY),
    /**
     * What was added to the model's logits to make them natural. For information only: every output of the
     * bundle already includes it. Absent in the first bundles of schema 1: see `candidate.priorShift` of the
     * report.
     */
    appliedPriorShift: z.number().optional(),
    /**
     * The line that its natural logits were put on afterwards, to repair its probabilities. For information only, likewise.
     * Absent: none.
     */
    appliedRepair: repairLineSchema.optional(),
    /** Where the model comes from. */
    lineage: lineageSchema,
    /** All other files of the bundle. */
    files: z.array(
      z.object({ name: z.string(), sha256: sha256Field, bytes: z.number().int().nonnegative() }),
    ),
  })
  .refine(({ schemaVersion, appliedPriorShift }) => schemaVersion === 1 || appliedPriorShift !== undefined, {
    path: ['appliedPriorShift'],
    error: 'has to be a number',
  });

/** `manifest.json`: all other files of the bundle with their hashes; it is written last. */
export type Manifest = z.infer<typeof manifestSchema>;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Lists the files of a bundle. */
export function buildManifest(
  files: ReadonlyMap<string, Buffer>,
  about: Required<Pick<Manifest, 'version' | 'createdAt' | 'family' | 'appliedPriorShift' | 'lineage'>> &
    Pick<Manifest, 'appliedRepair'>,
): Manifest {
  return {
    schemaVersion: files.has('profile.json') ? MANIFEST_SCHEMA_VERSION : VERSION_WITHOUT_PROFILE,
    version: about.version,
    createdAt: about.createdAt,
    family: about.family,
    appliedPriorShift: about.appliedPriorShift,
    ...(about.appliedRepair ? { appliedRepair: about.appliedRepair } : {}),
    lineage: about.lineage,
    files: [...files].map(([name, bytes]) => ({ name, sha256: sha256(bytes), bytes: bytes.length })),
  };
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseManifest(json: unknown): Manifest {
  return parseVersioned('manifest.json', READ_MANIFEST_VERSIONS, manifestSchema, json);
}

/** @throws IntegrityError unless the bytes have this hash */
export function verifyBytes(name: string, bytes: Uint8Array, expectedSha256: string): void {
  const actual = sha256(bytes);
  if (actual !== expectedSha256) throw new IntegrityError(name, expectedSha256, actual);
}
