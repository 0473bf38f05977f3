import { cellOf, type RawRow } from '@factory/domain';
import {
  FitCounts,
  checkRowFit,
  matchColumns,
  type DecodedBundle,
  type FitOptions,
  type RowFit,
  type Scorer,
} from '@factory/model';
import { cellReader, cellValue, type ReadingRules, type VisitRows } from '@factory/rows';

export const SCORE_COLUMNS = ['probability', 'percentile'] as const;
export const VERBOSE_COLUMNS = [...SCORE_COLUMNS, 'logit'] as const;

/** Number of first rows that are checked before anything is written; fewer if there are very many columns. */
const HEAD_ROWS = 5_000;
const HEAD_CELLS = 500_000;

/** The parts of a loaded model that scoring a file needs. */
export interface FileModel {
  readonly scorer: Pick<Scorer, 'score'>;
  readonly bundle: { readonly transform: Pick<DecodedBundle['transform'], 'features' | 'rows'> };
}

export interface ScoreRowsOptions extends FitOptions {
  /** Also write the logit. */
  readonly verbose?: boolean;
  /** How text is read: by the rules with which the source was imported. */
  readonly rules?: ReadingRules;
}

/** Receives scored visits; it is awaited, so that a slow writer slows down the reading. */
export interface ScoredRows {
  /** Called once, when the first rows have passed the check. */
  begin(): Promise<void> | void;
  row(row: RawRow): Promise<void> | void;
}

export interface ScoreSummary extends RowFit {
  readonly visits: number;
  readonly meanProbability: number | null;
  /** Visits with at least one value that is unknown, that training never saw, or outside the range of training. */
  readonly visitsWith: Readonly<Record<'unknown' | 'unseen' | 'outside', number>>;
  /** Values that training never saw, by column; and values outside its range. */
  readonly unseen: Readonly<Record<string, number>>;
  readonly outside: Readonly<Record<string, number>>;
}

/**
 * Scores visits one by one and passes each on with its figures and the original columns. The check whether they fit
 * the model is made on the first 5,000 before any is passed on, and on all of them at the end; the file is read once.
 *
 * @throws UnfitRowsError as `checkRowFit`; BadInputError `ambiguous-column`
 */
export async function scoreRows(
  visits: Pick<VisitRows, 'columns' | 'rows'>,
  { scorer, bundle: { transform } }: FileModel,
  options: ScoreRowsOptions,
  into: ScoredRows,
): Promise<ScoreSummary> {
  const rows = visits.rows()[Symbol.asyncIterator]();
  const head = await takeHead(rows, visits.columns.length);
  const matched = matchColumns(
    transform.features.map(({ column }) => column),
    columnsOf(visits.columns, head),
  );
  const known = knownRow(transform.features, matched, options.rules);
  const counts = new FitCounts();
  let sum = 0;
  const scored = (row: RawRow): RawRow => {
    const { probability, percentile, logit } = scorer.score(known(row), counts.onFinding);
    counts.endRow();
    sum += probability;
    return { ...row, probability, percentile, ...(options.verbose ? { logit } : {}) };
  };
  const first = head.map(scored);
  try {
    checkRowFit(transform, matched, counts, options);
    await into.begin();
    for (const row of first) await into.row(row);
    for (let next = await rows.next(); !next.done; next = await rows.next())
      await into.row(scored(next.value));
  } finally {
    await rows.return?.();
  }
  return {
    ...checkRowFit(transform, matched, counts, options),
    visits: counts.rows,
    meanProbability: counts.rows === 0 ? null : sum / counts.rows,
    visitsWith: counts.rowsWith,
    unseen: countsOf(transform.features, counts, 'unseen'),
    outside: countsOf(transform.features, counts, 'outside'),
  };
}

async function takeHead(rows: AsyncIterator<RawRow>, columns: number): Promise<RawRow[]> {
  const most = Math.min(HEAD_ROWS, Math.ceil(HEAD_CELLS / Math.max(1, columns)));
  const head: RawRow[] = [];
  while (head.length < most) {
    const next = await rows.next();
    if (next.done) break;
    head.push(next.value);
  }
  return head;
}

/** The header of a CSV; each visit in JSON may leave out unknown values. */
function columnsOf(columns: readonly string[], head: readonly RawRow[]): Set<string> {
  const all = new Set(columns);
  for (const row of head) for (const column of Object.keys(row)) all.add(column);
  return all;
}

/** Text is read like in `import`, unless it was a level in training as it is. */
function knownRow(
  features: DecodedBundle['transform']['features'],
  matched: ReadonlyMap<string, string>,
  rules: ReadingRules = {},
): (row: RawRow) => RawRow {
  const reader = cellReader(rules);
  const restMissing = new Set(rules.restMissing);
  const read = features.map((feature) => {
    const isText =
      feature.kind === 'category' || (feature.kind === 'presence' && typeof feature.known === 'string');
    return {
      column: feature.column,
      from: matched.get(feature.column) ?? feature.column,
      levels: new Set(feature.kind === 'category' ? [...feature.levels, ...feature.rest] : []),
      kind: isText ? ('category' as const) : ('number' as const),
      restMissing: restMissing.has(feature.column),
    };
  });
  return (row) =>
    Object.fromEntries(
      read.map(({ column, from, levels, kind, restMissing: isRestMissing }) => {
        const value = cellOf(row, from);
        if (typeof value !== 'string' || levels.has(value)) return [column, value];
        const known = cellValue(reader, value, kind);
        if (kind === 'category' || typeof known !== 'string') return [column, known];
        if (isRestMissing) return [column, null];
        // Text that JavaScript would read as a number but the rules do not (1.5 with decimal commas, 0x1F) is not a
        // number.
        return [column, Number.isNaN(Number(known)) ? known : NaN];
      }),
    );
}

function countsOf(
  features: DecodedBundle['transform']['features'],
  counts: FitCounts,
  finding: 'unseen' | 'outside',
): Record<string, number> {
  return Object.fromEntries(
    features.flatMap(({ column }) => {
      const count = counts.of(column)[finding];
      return count > 0 ? [[column, count] as const] : [];
    }),
  );
}
