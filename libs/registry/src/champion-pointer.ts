import { BadInputError, FactoryError } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { z } from 'zod';

/**
 * `champion.json`: the version in force, for readers without access to the database (which is the authority).
 */
export const championPointerSchema = z.object({
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

/** The pointer to a champion: a copy of the database's row. */
export function pointerTo({ version, location, manifestSha256, epoch, since }: Champion): ChampionPointer {
  return { version, location, manifestSha256, epoch, since: since.toISOString() };
}

/**
 * Reads the pointer at `key` (see `championKey`); undefined if no champion was ever written.
 *
 * @throws BadInputError `broken-champion-pointer` if the object is not a valid pointer
 */
export async function readChampionPointer(
  store: Pick<ObjectStore, 'get'>,
  key: string,
): Promise<ChampionPointer | undefined> {
  let body: Buffer;
  try {
    body = await store.get(key);
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.code === 'object-not-found') return undefined;
    throw thrown;
  }
  const parsed = championPointerSchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new BadInputError('broken-champion-pointer', {
    field: key,
    value: body.toString('utf8'),
    todo: 'publish or roll back once: both write the pointer again from the database',
  });
}

/**
 * Writes the pointer unless a newer one exists: a late writer never restores an older champion. A broken
 * pointer is replaced. S3 has no transactions, so two writers within one round trip may still overwrite each
 * other; the next publish, rollback or repair from the database corrects it.
 *
 * @param overNewer set if the higher epoch is known to be wrong: the database, read after it, has a lower one
 * @returns false if a higher epoch existed and nothing was written
 */
export async function writeChampionPointer(
  store: Pick<ObjectStore, 'get' | 'put'>,
  key: string,
  pointer: ChampionPointer,
  overNewer = false,
): Promise<boolean> {
  const wanted = championPointerSchema.parse(pointer);
  const there = await readUnlessBroken(store, key);
  if (!overNewer && there && there.epoch > wanted.epoch) return false;
  await store.put(key, `${JSON.stringify(wanted, null, 2)}\n`, { contentType: 'application/json' });
  return true;
}

async function readUnlessBroken(
  store: Pick<ObjectStore, 'get'>,
  key: string,
): Promise<ChampionPointer | undefined> {
  try {
    return await readChampionPointer(store, key);
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.code === 'broken-champion-pointer') return undefined;
    throw thrown;
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
