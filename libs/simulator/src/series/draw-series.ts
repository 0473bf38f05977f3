import { hash52, MARKS, type Column, type Dataset } from '@factory/domain';
import type { Series } from './series';

export interface DrawOptions {
  readonly from: number;
  readonly to: number;
  /** Visits from here on are out of time. */
  readonly trainEnd: number;
  /** Default 8. */
  readonly negativesPerPositive?: number;
  readonly seed: string;
}

/**
 * The dataset that sampling would draw from a range of a series (rules R2): all goals of both parts, and for each goal
 * some others, weighted by the number of visits that they represent.
 */
export function drawSeries(series: Series, options: DrawOptions): Dataset {
  const { from, to, trainEnd, negativesPerPositive = 8, seed } = options;
  const parts = [
    drawPart(series, from, trainEnd, negativesPerPositive, `${seed}|draw`),
    drawPart(series, trainEnd, to, negativesPerPositive, `${seed}|oot`),
  ];
  const rows = Uint32Array.from(parts.flatMap((part) => part.rows));
  const dataset = takeRows(series, rows);
  return {
    ...dataset,
    weights: Float64Array.from(parts.flatMap((part) => part.weights)),
    marks: dataset.marks.map((mark, row) =>
      (dataset.visitTimes[row] ?? 0) >= trainEnd ? MARKS.indexOf('out-of-time') : mark,
    ),
  };
}

function drawPart(
  { visitTimes, labels, visitIds }: Series,
  from: number,
  to: number,
  each: number,
  salt: string,
) {
  const [goals, others]: [number[], number[]] = [[], []];
  visitTimes.forEach((time, row) => {
    if (time >= from && time < to) (labels[row] === 1 ? goals : others).push(row);
  });
  const drawn = Math.min(others.length, each * goals.length);
  const kept = others
    .map((row) => ({ row, hash: hash52(salt, visitIds[row] ?? '') }))
    .sort((a, b) => a.hash - b.hash)
    .slice(0, drawn)
    .map(({ row }) => row);
  return {
    rows: [...goals, ...kept],
    weights: [...goals.map(() => 1), ...kept.map(() => others.length / drawn)],
  };
}

/** Some rows of a series in the given order; a row may occur twice. */
export function takeRows(series: Series, rows: Uint32Array): Series {
  const pick = <T extends Uint8Array | Float64Array>(values: T, out: T): T => {
    rows.forEach((row, at) => (out[at] = values[row] ?? 0));
    return out;
  };
  return {
    rows: rows.length,
    features: series.features.map((column) => takeColumn(column, rows)),
    visitIds: Array.from(rows, (row) => series.visitIds[row] ?? ''),
    visitorIds: Array.from(rows, (row) => series.visitorIds[row] ?? ''),
    visitTimes: pick(series.visitTimes, new Float64Array(rows.length)),
    labels: pick(series.labels, new Uint8Array(rows.length)),
    marks: pick(series.marks, new Uint8Array(rows.length)),
    weights: pick(series.weights, new Float64Array(rows.length)),
    tables: series.tables.map((table) => ({
      ...table,
      hasRow: pick(table.hasRow, new Uint8Array(rows.length)),
    })),
  };
}

function takeColumn(column: Column, rows: Uint32Array): Column {
  return column.kind === 'number'
    ? { ...column, values: Float32Array.from(rows, (row) => column.values[row] ?? NaN) }
    : { ...column, codes: Int32Array.from(rows, (row) => column.codes[row] ?? -1) };
}
