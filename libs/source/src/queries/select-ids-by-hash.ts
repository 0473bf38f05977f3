import { identifier, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { TypedGoal } from '../values/filter-values';
import { inRange, visitColumn, visitsWithGoal, withoutGoal, type VisitRange } from './goal-visits';
import type { Query } from './query';

export interface HashDraw {
  readonly range: VisitRange;
  /** Visits with the goal, or the others. */
  readonly having: 'goal' | 'no-goal';
  /** `seed|draw` or `seed|oot` (rules R2). */
  readonly salt: string;
  /** Only hashes below this threshold, of 2^52: the server need not sort the rest. */
  readonly below: number;
  readonly limit: number;
}

/**
 * The visits with the smallest `h(salt, id)`, in order of hash, ties by the id's bytes. Fewer than `limit` are
 * returned if fewer are below the threshold. The hash equals `hash52` of the domain exactly.
 */
export function selectIdsByHash(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  draw: HashDraw,
): Query<[string]> {
  return {
    name: draw.having === 'goal' ? 'select-goals-by-hash' : 'select-others-by-hash',
    sql: draw.having === 'goal' ? goalsByHash(source, goals, draw) : othersByHash(source, goals, draw),
    row: z.tuple([z.string()]),
  };
}

function goalsByHash(source: SourceDefinition, goals: readonly TypedGoal[], draw: HashDraw): SqlText {
  return ordered(
    sql`SELECT ${canonical(sql`visit_id`)} AS id, ${hash(draw.salt, sql`visit_id`)} AS hash
  FROM (${visitsWithGoal(source, goals, draw.range)}) AS goal_visits`,
    draw,
  );
}

function othersByHash(source: SourceDefinition, goals: readonly TypedGoal[], draw: HashDraw): SqlText {
  const id = visitColumn(source, 'id');
  return ordered(
    sql`SELECT ${canonical(id)} AS id, ${hash(draw.salt, id)} AS hash
  FROM ${identifier(source.visits.table)} v
  WHERE ${inRange(source, draw.range)}
  AND ${hash(draw.salt, id)} < ${draw.below}
  AND ${withoutGoal(source, goals, draw.range)}`,
    draw,
  );
}

function ordered(hashed: SqlText, { below, limit }: HashDraw): SqlText {
  return sql`SELECT id FROM (${hashed}) AS hashed
WHERE hash < ${below} ORDER BY hash, CAST(id AS BINARY) LIMIT ${limit}`;
}

/** The id as text in UTF-8: decimal digits for whole numbers. */
export function canonical(id: SqlText): SqlText {
  return sql`CONVERT(${id} USING utf8mb4)`;
}

/** `h(salt, id)` times 2^52: a whole number, exact in 64 bits. */
export function hash(salt: string, id: SqlText): SqlText {
  return sql`CAST(CONV(LEFT(MD5(CONCAT(${salt}, '|', ${canonical(id)})), 13), 16, 10) AS UNSIGNED)`;
}
