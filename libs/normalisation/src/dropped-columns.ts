import type { Column } from '@factory/domain';
import type { CategoryProfile, ColumnProfile } from './column-profile';
import type { DroppedColumn, DropReason } from './transform';

/** A column with a larger fraction of missing or zero values carries too little information (rules R4). */
export const MOSTLY_NOTHING = 0.995;
/** A larger fraction of unknown values gets an indicator (rules R4). */
export const INDICATOR_SHARE = 0.005;
/** Maximum number of levels of a category with their own output (rules R4). */
export const MAX_LEVELS = 50;

/**
 * The columns that are left out before anything is fitted, each with the first reason that applies (rules R4).
 *
 * @param columns features as declared: ids, dates, product and label are not among them
 * @param rows TRAIN rows, the same as those of `profiles`
 */
export function findDropped(
  columns: readonly Column[],
  profiles: readonly ColumnProfile[],
  rows: Uint32Array,
  exclude: readonly string[],
): DroppedColumn[] {
  const dropped: DroppedColumn[] = [];
  const kept = new Map<number, Column[]>();
  columns.forEach((column, index) => {
    const profile = profiles[index];
    if (!profile) return;
    const reason = exclude.includes(column.name) ? 'excluded' : reasonOf(profile);
    if (reason) {
      dropped.push({ column: column.name, reason });
      return;
    }
    const print = fingerprint(column, rows);
    const alike = kept.get(print) ?? [];
    const twin = alike.find((other) => equalOn(rows, column, other));
    if (twin) dropped.push({ column: column.name, reason: 'identical', sameAs: twin.name });
    else if (isIdLike(profile)) dropped.push({ column: column.name, reason: 'id-like' });
    else kept.set(print, [...alike, column]);
  });
  return dropped;
}

/** Whether enough values are unknown for their absence to carry information. */
export function needsIndicator(profile: ColumnProfile): boolean {
  return profile.unknown > INDICATOR_SHARE * profile.rows;
}

/** Whether every known value is the same. */
export function hasOneValue(profile: ColumnProfile): boolean {
  return profile.kind === 'number' ? profile.min === profile.max : profile.levels.length === 1;
}

function reasonOf(profile: ColumnProfile): DropReason | undefined {
  const known = profile.rows - profile.unknown;
  if (known > 0 && hasOneValue(profile) && !needsIndicator(profile)) return 'constant';
  const zeros = profile.kind === 'number' ? profile.zeros : 0;
  return profile.unknown + zeros > MOSTLY_NOTHING * profile.rows ? 'missing-or-zero' : undefined;
}

/**
 * Text that identifies the row rather than describing it: too many levels, and fewer than two rows per level.
 */
function isIdLike(profile: ColumnProfile): boolean {
  return (
    profile.kind === 'category' &&
    profile.levels.length > MAX_LEVELS &&
    2 * profile.levels.length > known(profile)
  );
}

function known(profile: CategoryProfile): number {
  return profile.rows - profile.unknown;
}

/**
 * Equal columns have equal fingerprints; FNV-1a over the bits of numbers, or over codes in order of first
 * occurrence.
 */
function fingerprint(column: Column, rows: Uint32Array): number {
  let hash = 0x811c9dc5;
  if (column.kind === 'number') {
    const float = new Float32Array(1);
    const bits = new Uint32Array(float.buffer);
    for (const row of rows) {
      float[0] = canonical(column.values[row]);
      hash = Math.imul(hash ^ (bits[0] ?? 0), 0x01000193);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }
  const firsts = new Int32Array(column.levels.length).fill(-1);
  let seen = 0;
  for (const row of rows) {
    const code = column.codes[row] ?? -1;
    if (code >= 0 && (firsts[code] ?? -1) < 0) firsts[code] = seen++;
    hash = Math.imul(hash ^ (code < 0 ? -1 : (firsts[code] ?? -1)), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** One bit pattern for all unknown values and one for both zeros. */
function canonical(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value + 0 : NaN;
}

function equalOn(rows: Uint32Array, a: Column, b: Column): boolean {
  if (a.kind === 'number' && b.kind === 'number') {
    return rows.every((row) => {
      const left = canonical(a.values[row]);
      const right = canonical(b.values[row]);
      return left === right || (Number.isNaN(left) && Number.isNaN(right));
    });
  }
  if (a.kind === 'category' && b.kind === 'category') {
    return rows.every((row) => a.levels[a.codes[row] ?? -1] === b.levels[b.codes[row] ?? -1]);
  }
  return false;
}
