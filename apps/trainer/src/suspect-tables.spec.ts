import type { Column } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import { checkWithout, DEFAULT_CHECK_LIMITS, findingsOf } from '@factory/judgement';
import { decodeModel } from '@factory/model';
import { applyTransform, fitTransform } from '@factory/normalisation';
import { fitBaseline } from './fit-baseline';
import { COLUMNS_LEFT_OUT, suspectTables, thinned, type FeatureTable } from './suspect-tables';
import type { KeptRows, TrainRows } from './train-rows';

const TRAIN = 6000;
const VALIDATION = 3000;
const random = new SeededRandom(3, 'suspect-tables');
const labels = Uint8Array.from({ length: TRAIN + VALIDATION }, (_, row) => Number(row % 9 === 0));
const column = (name: string, value: (label: number, row: number) => number): Column => ({
  kind: 'number',
  name,
  values: Float32Array.from(labels, (label, row) => value(label, row)),
});
/** Columns whose goals are d standard deviations higher: each alone has an AUC of Phi(d / sqrt 2). */
const apart = (prefix: string, count: number, d: number): Column[] =>
  Array.from({ length: count }, (_, at) => column(`${prefix}${at}`, (label) => d * label + random.normal()));
const table = (name: string, of: readonly Column[], isWholeVisit = false): FeatureTable => ({
  table: name,
  columns: of.map((one) => one.name),
  isWholeVisit,
});

function part(columns: readonly Column[], from: number, to: number): KeptRows {
  return {
    columns: columns.map((one) =>
      one.kind === 'number' ? { ...one, values: one.values.slice(from, to) } : one,
    ),
    labels: labels.slice(from, to),
    rows: to - from,
  };
}
const rowsOf = (columns: readonly Column[]): TrainRows => ({
  ...part(columns, 0, TRAIN),
  validation: part(columns, TRAIN, TRAIN + VALIDATION),
  trialRows: TRAIN + VALIDATION,
  shorterRows: [],
});
const every = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

function ask(columns: readonly Column[], tables: readonly FeatureTable[], limits = DEFAULT_CHECK_LIMITS) {
  const train = rowsOf(columns);
  const transform = fitTransform(train.columns, every(TRAIN));
  const { file } = fitBaseline(train, transform, () => 0);
  const ranking = suspectTables(train, transform, file!, { limits, tables });
  return { ranking, found: findingsOf(checkWithout(ranking.without, limits), limits) };
}

/** AUC of a model that never knew other columns, pair by pair. */
function aucOfAlone(columns: readonly Column[]): number {
  const { validation, ...train } = rowsOf(columns);
  const transform = fitTransform(train.columns, every(TRAIN));
  const model = decodeModel('logistic', fitBaseline(train, transform, () => 0).file!);
  const { matrix, width } = applyTransform(transform, validation.columns, every(VALIDATION));
  const scores = model.logits(matrix, VALIDATION, width);
  let [wins, pairs] = [0, 0];
  scores.forEach((goal, row) => {
    if (validation.labels[row] === 0) return;
    scores.forEach((other, at) => {
      if (validation.labels[at] === 1) return;
      pairs++;
      wins += goal > other ? 1 : goal === other ? 0.5 : 0;
    });
  });
  return wins / pairs;
}

describe('the joint leak check', () => {
  const honest = apart('page', 3, 0.6);

  it('names the table whose columns give the goal away together, though each alone is honest', () => {
    const leak = apart('invoice', 6, 1.2);
    expect(Math.max(...leak.map((one) => aucOfAlone([one])))).toBeLessThan(0.85);
    const { ranking, found } = ask([...honest, ...leak], [table('pages', honest), table('invoices', leak)]);
    expect(ranking).toMatchObject({ rows: VALIDATION, goals: labels.slice(TRAIN).filter(Boolean).length });
    expect(ranking.auc).toBeCloseTo(aucOfAlone([...honest, ...leak]), 12);
    expect(ranking.auc).toBeGreaterThan(0.97);
    expect(found).toMatchObject([{ code: 'leak-table', severity: 'stop', column: 'invoices' }]);
    const [pages, invoices] = ranking.without;
    expect(invoices!.aucWithout).toBeCloseTo(aucOfAlone(honest), 12);
    expect(pages!.aucWithout).toBeCloseTo(aucOfAlone(leak), 12);
    expect(invoices!.columns).toHaveLength(3);
    expect(invoices!.columns!.every((name) => name.startsWith('invoice'))).toBe(true);
  });

  it('lets a model pass that is as good as behaviour makes it, and leaves nothing out', () => {
    const good = apart('good', 3, 1);
    const { ranking, found } = ask([...honest, ...good], [table('pages', honest), table('good', good)]);
    expect(ranking.auc).toBeGreaterThan(0.88);
    expect({ found, without: ranking.without }).toEqual({ found: [], without: [] });
  });

  it('names the columns of an only table', () => {
    const noise = Array.from(labels, () => 3 * random.normal());
    const halves = [
      column('first', (_, row) => noise[row]!),
      column('second', (label, row) => 3 * label - noise[row]! + 0.3 * random.normal()),
    ];
    const columns = [...honest, ...apart('more', 9, 0.2), ...halves];
    const { ranking, found } = ask(columns, [table('feature', columns, true)]);
    expect(ranking.auc).toBeGreaterThan(0.99);
    expect(ranking.without).toHaveLength(COLUMNS_LEFT_OUT);
    expect(found.map((one) => one.column).sort()).toEqual(['first', 'second']);
    expect(found[0]!.words).toContain('whole visits');
  });

  it('is fitted again to some of many rows, from all of them', () => {
    const rows = part(
      [...honest, { kind: 'category', name: 'c', codes: new Int32Array(6), levels: [] }],
      0,
      6,
    );
    expect(thinned(rows, 6)).toBe(rows);
    const { columns, labels: kept, rows: count } = thinned(rows, 4);
    expect({ kept, count }).toEqual({
      kept: Uint8Array.of(...[0, 2, 4].map((row) => labels[row]!)),
      count: 3,
    });
    const [first] = rows.columns;
    expect(columns[0]).toMatchObject({
      values: Float32Array.of(
        ...[0, 2, 4].map((row) => (first?.kind === 'number' ? first.values[row]! : NaN)),
      ),
    });
    expect(columns.at(-1)).toMatchObject({ codes: new Int32Array(3) });
  });

  it('is not made where the rules say so', () => {
    const leak = apart('invoice', 8, 1.2);
    const { checks } = DEFAULT_CHECK_LIMITS;
    const limits = {
      ...DEFAULT_CHECK_LIMITS,
      checks: { ...checks, 'leak-table': { ...checks['leak-table'], severity: 'off' as const } },
    };
    const { ranking } = ask([...honest, ...leak], [table('pages', honest), table('invoices', leak)], limits);
    expect(ranking.auc).toBeGreaterThan(0.97);
    expect(ranking.without).toEqual([]);
  });
});
