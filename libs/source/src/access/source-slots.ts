import { sql } from '@factory/mysql';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Query } from '../queries/query';
import type { Statements } from './statements';

const POLL_MS = 250;

export interface SlotOptions {
  /** Aborts waiting; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum wait for a slot, milliseconds; default: no limit. */
  readonly patienceMs?: number | undefined;
  /** Creates the error that is thrown when no slot became free in time. */
  readonly full?: (() => Error) | undefined;
}

/**
 * Runs `work` while occupying one of the source's `slots`, so that at most that many stages of all processes
 * read the source at the same time (rules R2). Slots are named locks of the source's own server: they need no
 * privilege, and a process that dies releases its slot with its connection.
 *
 * @throws the signal's reason when it is aborted while waiting, or the error of `full` when it has waited long
 * enough
 */
export async function withSourceSlot<T>(
  statements: Statements,
  source: string,
  slots: number,
  work: () => Promise<T>,
  options: SlotOptions = {},
): Promise<T> {
  const lock = await takeSlot(statements, source, slots, options);
  try {
    return await work();
  } finally {
    // a lost connection has released the lock already
    await statements.all(releaseLock(lock)).catch(() => undefined);
  }
}

async function takeSlot(
  statements: Statements,
  source: string,
  slots: number,
  { signal, patienceMs = Infinity, full }: SlotOptions,
): Promise<string> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    for (let slot = 1; slot <= slots; slot++) {
      const lock = `factory-source-${source}-${slot}`;
      const [taken] = await statements.one(takeLock(lock));
      if (taken === 1) return lock;
    }
    if (full && waitedMs >= patienceMs) throw full();
    await sleep(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

function takeLock(lock: string): Query<[number | null]> {
  return { name: 'take-slot', sql: sql`SELECT GET_LOCK(${lock}, 0)`, row: z.tuple([z.number().nullable()]) };
}

function releaseLock(lock: string): Query<[number | null]> {
  return {
    name: 'release-slot',
    sql: sql`SELECT RELEASE_LOCK(${lock})`,
    row: z.tuple([z.number().nullable()]),
  };
}
