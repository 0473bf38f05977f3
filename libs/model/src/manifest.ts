import { createHash } from 'node:crypto';
import { IntegrityError } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { featureMomentSchema } from './feature-moment';
import { windowSchema } from './report';

export const MANIFEST_SCHEMA_VERSION = 1;

const sha256Field = z.string().regex(/^[0-9a-f]{64}$/);

/** Where a model comes from. */
export const lineageSchema = z.looseObject({
  /** The run that made it. */
  run: z.string(),
  source: z.string(),
  product: z.number(),
  goal: z.string(),
  /** Which days it was trained on. */
  window: windowSchema,
  /** Of the SQL text that drew the rows. */
  sqlSha256: sha256Field,
  /** Of `dataset.arrow`. */
  datasetSha256: sha256Field,
  /** `CODE_VERSION` of the publisher. */
  codeVersion: z.string(),
  /** When features are known: a scorer must read them at the same cut. */
  featureMoment: featureMomentSchema.optional(),
});
export type Lineage = z.infer<typeof lineageSchema>;

export const manifestSchema = z.looseObject({
  schemaVersion: z.literal(MANIFEST_SCHEMA_VERSION),
  /** The bundle's own name: `<time>-<run>`. */
  version: z.string(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
  /** Where the model comes from. */
  lineage: lineageSchema,
  /** Every other file of the bundle. */
  files: z.array(z.object({ name: z.string(), sha256: sha256Field, bytes: z.number().int().nonnegative() })),
});

/** `manifest.json`: every other file of the bundle with its hash; it is written last. */
export type Manifest = z.infer<typeof manifestSchema>;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Lists the files of a bundle. */
export function buildManifest(
  files: ReadonlyMap<string, Buffer>,
  about: Pick<Manifest, 'version' | 'createdAt' | 'lineage'>,
): Manifest {
  return {
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    version: about.version,
    createdAt: about.createdAt,
    lineage: about.lineage,
    files: [...files].map(([name, bytes]) => ({ name, sha256: sha256(bytes), bytes: bytes.length })),
  };
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseManifest(json: unknown): Manifest {
  return parseVersioned('manifest.json', MANIFEST_SCHEMA_VERSION, manifestSchema, json);
}

/** @throws IntegrityError unless the bytes have this hash */
export function verifyBytes(name: string, bytes: Uint8Array, expectedSha256: string): void {
  const actual = sha256(bytes);
  if (actual !== expectedSha256) throw new IntegrityError(name, expectedSha256, actual);
}
