import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Query } from './query';
import { sql } from './sql-text';
import type { Statements } from './statements';

const POLL_MS = 500;

/**
 * Does `work` while holding one of the source's `slots`, so that at most so many stages of all processes read
 * the source at a time (DESIGN 4, `sourceConcurrency`). Slots are named locks of the source's own server: they
 * need no privilege, and a process that dies gives its slot back with its connection.
 *
 * @throws the signal's reason when it is aborted while waiting
 */
export async function withSourceSlot<T>(
  statements: Statements,
  source: string,
  slots: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const lock = await takeSlot(statements, source, slots, signal);
  try {
    return await work();
  } finally {
    // a lost connection has given the lock back already
    await statements.all(releaseLock(lock)).catch(() => undefined);
  }
}

async function takeSlot(
  statements: Statements,
  source: string,
  slots: number,
  signal?: AbortSignal,
): Promise<string> {
  for (;;) {
    for (let slot = 1; slot <= slots; slot++) {
      const lock = `factory-source-${source}-${slot}`;
      const [taken] = await statements.one(takeLock(lock));
      if (taken === 1) return lock;
    }
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
