import type { Column } from '@factory/domain';
import { CategoryAccumulator, type ColumnAccumulator } from './column-accumulators';
import { bucketQuantiles } from './value-buckets';

/** How values fall into bins, frozen with a profile. Bin 0 is missing. */
export interface Binning {
  /** Numbers: bin 1 is the mode where there is one; then (-inf, edges[0]], (edges[0], edges[1]] ... */
  readonly edges?: readonly number[];
  readonly mode?: number | null;
  /** Categories: bin i + 1 is levels[i], the last bin all other levels. */
  readonly levels?: readonly string[];
}

/** Share of the known weight from which on a value has a bin of its own. */
const LEAST_MODE = 0.05;
/** Share of the weight from which on a level has a bin of its own, and how many may have one. */
const LEAST_LEVEL = 0.01;
const MOST_LEVEL_BINS = 12;
/** Intervals of the values that are not the mode. */
const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;

/** Weighted deciles of what is not the mode, an atom for the mode and one for missing; or the frequent levels. */
export function binningOf(column: ColumnAccumulator): Binning {
  if (column instanceof CategoryAccumulator) {
    const levels = column.distribution();
    const total = levels.reduce((sum, one) => sum + one.goals + one.others, 0);
    return {
      levels: levels
        .filter(({ goals, others }) => goals + others >= LEAST_LEVEL * total)
        .slice(0, MOST_LEVEL_BINS)
        .map(({ level }) => level),
    };
  }
  const buckets = column.distribution();
  const total = buckets.reduce((sum, one) => sum + one.goals + one.others, 0);
  const most = buckets.reduce<(typeof buckets)[number] | undefined>(
    (best, one) => (one.goals + one.others > (best ? best.goals + best.others : 0) ? one : best),
    undefined,
  );
  const isMode = most !== undefined && most.goals + most.others >= LEAST_MODE * total;
  const left = isMode ? buckets.filter((one) => one !== most) : buckets;
  const last = left.at(-1)?.value;
  const edges = [...new Set(bucketQuantiles(left, DECILES))].filter(
    (edge) => left.length > 0 && edge !== last,
  );
  return { edges, mode: isMode ? most.value : null };
}

export function binCount({ edges, mode, levels }: Binning): number {
  if (levels) return levels.length + 2;
  return 2 + (edges?.length ?? 0) + (mode === null || mode === undefined ? 0 : 1);
}

/** Words for a bin. */
export function binName({ edges = [], mode, levels }: Binning, bin: number): string {
  if (bin === 0) return 'missing';
  if (levels) return levels[bin - 1] ?? 'other levels';
  const hasMode = mode !== null && mode !== undefined;
  if (hasMode && bin === 1) return `= ${mode}`;
  const at = bin - (hasMode ? 2 : 1);
  if (at === 0) return edges.length === 0 ? 'other values' : `up to ${edges[0]}`;
  return at < edges.length ? `${edges[at - 1]} to ${edges[at]}` : `above ${edges[at - 1]}`;
}

/** The bin of each row of a batch's column; a column of another kind than the bins is missing throughout. */
export function binFinder(binning: Binning, column: Column): (row: number) => number {
  if (column.kind === 'category') {
    const { levels } = binning;
    if (!levels) return () => 0;
    const binOfLevel = new Map(levels.map((level, at) => [level, at + 1]));
    const bins = Int32Array.from(column.levels, (level) => binOfLevel.get(level) ?? levels.length + 1);
    return (row) => bins[column.codes[row] ?? -1] ?? 0;
  }
  const { edges, mode = null } = binning;
  if (!edges) return () => 0;
  const first = mode === null ? 1 : 2;
  return (row) => {
    const value = column.values[row] ?? NaN;
    if (!Number.isFinite(value)) return 0;
    if (value === mode) return 1;
    let bin = first;
    for (const edge of edges) {
      if (value <= edge) break;
      bin++;
    }
    return bin;
  };
}
