import Table from 'cli-table3';
import { cut } from './format';

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  readonly align?: 'left' | 'right';
  /** Is cut when the line is too long. */
  readonly flexible?: boolean;
  /** Colours the text after it was measured and cut. */
  readonly paint?: (text: string, row: T) => string;
}

export interface TableOptions {
  /** Maximum characters of a line. */
  readonly width: number;
  readonly paintTitle?: (text: string) => string;
}

const GAP = 2;
const LEAST_FLEXIBLE = 12;
const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

/** A table without lines, for terminals and for grep: one row per line, flexible columns cut to the width. */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions,
): string {
  const texts = rows.map((row) => columns.map((column) => column.of(row)));
  const natural = columns.map((column, at) =>
    Math.max(column.title.length, ...texts.map((line) => line[at]?.length ?? 0)),
  );
  const widths = fitted(columns, natural, options.width);
  const table = new Table({
    head: columns.map((column, at) =>
      (options.paintTitle ?? same)(column.title.toUpperCase().slice(0, widths[at])),
    ),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const [rowAt, row] of rows.entries()) {
    table.push(
      columns.map((column, at) => {
        const text = cut(texts[rowAt]?.[at] ?? '', widths[at] ?? 0);
        return column.paint ? column.paint(text, row) : text;
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Shrinks the flexible columns, the widest first, until the line fits. */
function fitted<T>(columns: readonly Column<T>[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP * (columns.length - 1) - width;
  while (excess > 0) {
    const candidates = columns
      .map((column, at) => ({ at, width: widths[at] ?? 0, flexible: column.flexible ?? false }))
      .filter((one) => one.flexible && one.width > LEAST_FLEXIBLE)
      .sort((a, b) => b.width - a.width);
    const widest = candidates[0];
    if (!widest) break;
    const taken = Math.min(
      excess,
      Math.max(1, widest.width - Math.max(LEAST_FLEXIBLE, candidates[1]?.width ?? 0)),
    );
    widths[widest.at] = widest.width - taken;
    excess -= taken;
  }
  return widths;
}

function same(text: string): string {
  return text;
}

/** `name  value` lines, the values in one column; lines without a value are left out. */
export function renderPairs(pairs: readonly (readonly [string, string | null | undefined])[]): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => Boolean(pair[1]));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
