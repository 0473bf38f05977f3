import { count, instant, percent } from '../rendering/format';
import { renderPairs, renderTable, type Column } from '../rendering/table';
import type { ImportResult, ShownColumn } from './import-csv';
import type { GoalProfile } from './profile-file';

const COLUMNS: readonly Column<ShownColumn>[] = [
  { title: 'column', of: ({ name }) => name, flexible: true },
  { title: 'for', of: ({ role }) => role },
  { title: 'kind', of: ({ kind }) => kind },
  { title: 'missing', of: ({ missing }) => count(missing), align: 'right' },
  {
    title: 'levels',
    of: ({ levels, allLevels }) => `${count(levels)}${allLevels ? '' : '+'}`,
    align: 'right',
  },
  { title: 'range', of: ({ min, max }) => (min === null || max === null ? '' : `${min} .. ${max}`) },
  {
    title: 'examples',
    of: ({ examples }) => examples.map((one) => JSON.stringify(one)).join(' '),
    flexible: true,
  },
  { title: 'why', of: ({ why }) => why, flexible: true },
];

/** The content of the file: every column, and every label value. */
export function renderReport(
  {
    columns,
    goals,
    unnamed,
  }: {
    readonly columns: readonly ShownColumn[];
    readonly goals: readonly GoalProfile[];
    readonly unnamed: readonly string[];
  },
  width: number,
): string {
  const labels = goals.map(({ goal, column, labels: values }) => {
    const shown = values.map(
      ({ value, rows, means }) => `${JSON.stringify(value)} ${count(rows)} (${means})`,
    );
    return `labels of ${goal} in ${column}: ${shown.join(', ')}`;
  });
  const madeUp = unnamed.length === 0 ? [] : [`columns without a name are called ${unnamed.join(', ')}`];
  return [renderTable(COLUMNS, columns, { width }), ...labels, ...madeUp].join('\n');
}

/** What was imported. */
export function renderResult(result: ImportResult): string {
  const { rows, droppedRows, firstVisit, lastVisit } = result;
  return renderPairs([
    ['source', result.source],
    ['product', String(result.product)],
    ['rows', count(rows)],
    ['dropped', droppedRows === 0 ? '' : `${count(droppedRows)} without a label`],
    ...result.labels.map(
      (one) => [`with ${one.goal}`, `${count(one.rows)} (${percent(one.rows / rows)})`] as const,
    ),
    [
      'from, to (UTC)',
      firstVisit === null
        ? 'no time: no part is held back as out of time'
        : `${instant(firstVisit)}, ${instant(lastVisit)}`,
    ],
  ]);
}
