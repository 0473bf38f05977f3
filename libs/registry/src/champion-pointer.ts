import { BadInputError, codeOf, NewerVersionError, parseBoundedJson } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import { ObjectTooLargeError, type ObjectStore } from '@factory/object-store';
import { z } from 'zod';

/** The highest form of the pointer that this release reads; it writes each content in the lowest that has it. */
export const POINTER_SCHEMA_VERSION = 2;

/**
 * `champion.json`: the version in force, for readers without access to the database (which is the authority).
 */
export const championPointerSchema = z.object({
  /** Absent: 1. */
  schemaVersion: z.literal(1).optional(),
  version: z.string().min(1),
  /** `s3://bucket/prefix/models/..`, for people; programs build the keys from version and model key. */
  location: z.string().min(1),
  manifestSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Incremented with every change of champion (rules R9). */
  epoch: z.number().int().positive(),
  /** ISO 8601, UTC. */
  since: z.iso.datetime(),
});
export type ChampionPointer = z.infer<typeof championPointerSchema>;

/**
 * `champion.json` of a retired model: no version is in force. Readers of schema 1 refuse it as one of a later release,
 * so none of them goes on with the version before.
 */
export const tombstoneSchema = z.object({
  /** Higher than that of a pointer to a version, so that who knows only that one stops here. */
  schemaVersion: z.literal(2),
  /** There is no version to score with. */
  retired: z.literal(true),
  /** Incremented with every change of what is in force (rules R9). */
  epoch: championPointerSchema.shape.epoch,
  /** When it was retired. ISO 8601, UTC. */
  since: championPointerSchema.shape.since,
  /** Why, in the words of who retired it. */
  reason: z.string(),
});
export type Tombstone = z.infer<typeof tombstoneSchema>;

/** What `champion.json` is to this release. `epoch`: undefined where none can be read. */
export type PointerState =
  | { readonly kind: 'absent'; readonly epoch: undefined }
  | { readonly kind: 'read'; readonly epoch: number; readonly pointer: ChampionPointer }
  | { readonly kind: 'retired'; readonly epoch: number; readonly tombstone: Tombstone }
  | { readonly kind: 'broken'; readonly epoch: number | undefined; readonly error: BadInputError }
  /** Written by a later release, which alone may repair or replace it (rules R9). */
  | { readonly kind: 'newer'; readonly epoch: number | undefined; readonly error: NewerVersionError };

/** The methods of a store that writing a pointer needs. */
export type PointerStore = Pick<ObjectStore, 'get' | 'put'>;

/** What every form of the pointer keeps to: it is read before anything else of the object is looked at. */
const everyForm = z.looseObject({ schemaVersion: z.unknown().optional(), epoch: z.unknown().optional() });
const epochField = championPointerSchema.shape.epoch;

/** The copy of a champion's row: the pointer to its version, or the tombstone of a retired model. */
export function pointerTo(champion: Champion): ChampionPointer | Tombstone {
  const { version, location, manifestSha256, epoch, since, state } = champion;
  if (state?.state !== 'retired')
    return { version, location, manifestSha256, epoch, since: since.toISOString() };
  return { schemaVersion: 2, retired: true, epoch, since: state.since.toISOString(), reason: state.reason };
}

/** Looks at the pointer at `key` (see `championKey`), whatever is there. @throws ServerAwayError */
export async function lookAtPointer(store: Pick<ObjectStore, 'get'>, key: string): Promise<PointerState> {
  let body: Buffer;
  try {
    body = await store.get(key, 'document');
  } catch (thrown) {
    if (codeOf(thrown) === 'object-not-found') return { kind: 'absent', epoch: undefined };
    if (thrown instanceof ObjectTooLargeError)
      return { kind: 'broken', epoch: undefined, error: brokenPointer(key, `${thrown.bytes} bytes`, thrown) };
    throw thrown;
  }
  const json = jsonOf(body);
  const { schemaVersion, epoch: says } = everyForm.safeParse(json).data ?? {};
  const epoch = epochField.safeParse(says).data;
  if (Number.isSafeInteger(schemaVersion) && Number(schemaVersion) > POINTER_SCHEMA_VERSION) {
    const error = new NewerVersionError(
      `${key}.schemaVersion`,
      Number(schemaVersion),
      POINTER_SCHEMA_VERSION,
    );
    return { kind: 'newer', epoch, error };
  }
  const parsed = championPointerSchema.safeParse(json);
  if (parsed.success) return { kind: 'read', epoch: parsed.data.epoch, pointer: parsed.data };
  const tombstone = tombstoneSchema.safeParse(json);
  if (tombstone.success) return { kind: 'retired', epoch: tombstone.data.epoch, tombstone: tombstone.data };
  return { kind: 'broken', epoch, error: brokenPointer(key, body.toString('utf8')) };
}

function brokenPointer(key: string, value: string, cause?: unknown): BadInputError {
  return new BadInputError(
    'broken-champion-pointer',
    { field: key, value, todo: 'publish or roll back once: both write the pointer again from the database' },
    { cause },
  );
}

/**
 * Reads the pointer at `key`; undefined if no champion was ever written.
 *
 * @throws BadInputError `broken-champion-pointer` if the object is not a valid pointer
 * @throws NewerVersionError if a later release wrote it
 */
export async function readChampionPointer(
  store: Pick<ObjectStore, 'get'>,
  key: string,
): Promise<ChampionPointer | Tombstone | undefined> {
  const there = await lookAtPointer(store, key);
  if (there.kind === 'absent') return undefined;
  if (there.kind === 'read') return there.pointer;
  if (there.kind === 'retired') return there.tombstone;
  throw there.error;
}

/**
 * Writes the pointer unless one with a higher epoch exists: a late writer never restores an older champion. A
 * broken pointer is replaced by the same rule, as far as its epoch can be read. S3 has no transactions, so two
 * writers within one round trip may still overwrite each other; the next publish, rollback or repair from the
 * database corrects it.
 *
 * @param overHigher set if the higher epoch is known to be wrong: the database, read after it, has a lower one
 * @returns false if a higher epoch existed and nothing was written
 * @throws NewerVersionError if the pointer is of a later release and behind: a service of that release has to
 *   write it
 */
export async function writeChampionPointer(
  store: PointerStore,
  key: string,
  pointer: ChampionPointer | Tombstone,
  overHigher = false,
): Promise<boolean> {
  const wanted = 'retired' in pointer ? tombstoneSchema.parse(pointer) : championPointerSchema.parse(pointer);
  const there = await lookAtPointer(store, key);
  if (there.kind === 'newer') {
    if (there.epoch !== undefined && there.epoch >= wanted.epoch) return false;
    throw there.error;
  }
  if (!overHigher && there.epoch !== undefined && there.epoch > wanted.epoch) return false;
  await store.put(key, `${JSON.stringify(wanted, null, 2)}\n`, { contentType: 'application/json' });
  return true;
}

function jsonOf(body: Buffer): unknown {
  try {
    return parseBoundedJson(body.toString('utf8'), 'champion.json');
  } catch {
    return undefined;
  }
}
