import { DEFAULT_POLICY, MARKS, type Dataset, type Policy } from '@factory/domain';
import {
  OBSERVE_SECONDS,
  TRUE_PROPENSITY_TABLE,
  loadShop,
  weightedAuc,
  type LoadedShop,
} from '@factory/simulator';
import { SourceAccess, SourcesFile } from '@factory/source';
import { freshShop, testServers, type FreshDatabase } from '@factory/testing';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DrawSample } from './draw-sample';
import { countsOfDraw } from './sampling-ledger';
import { asRead, workHere } from './spec-dataset-work';

const END = new Date('2024-04-01T00:00:00Z');
const DAY_MS = 86_400_000;
const window = {
  start: new Date(END.getTime() - 28 * DAY_MS),
  trainEnd: new Date(END.getTime() - 7 * DAY_MS),
  end: END,
};
const policy: Policy = { ...DEFAULT_POLICY, negativesPerPositive: 1_000 };
/** Four standard errors by Hanley and McNeil 1982 for 1,500 goals in 10,000 visits. */
const NOISE = 0.032;
const VISITS = 10_000;
const CUT = `v.visit_time + INTERVAL ${OBSERVE_SECONDS} SECOND`;
const PAID = "s.state = 'paid' AND s.amount >= 0";

let folder: string;
let database: FreshDatabase;
let shop: LoadedShop;
let connection: Connection;
let sample: DrawSample;
let drawn: ReturnType<typeof asRead>;

beforeAll(async () => {
  database = await freshShop();
  folder = mkdtempSync(join(tmpdir(), 'draw-cut-'));
  shop = await loadShop(testServers().sourceAdminUrl, {
    source: 'main',
    database: database.name,
    seed: 11,
    end: END,
    days: 28,
    features: 'events',
    products: [{ id: 1, visits: VISITS, baseRate: 0.15 }],
  });
  connection = await createConnection({ uri: database.url, timezone: 'Z' });
  const path = join(folder, 'sources.yaml');
  writeFileSync(path, stringify({ sources: { main: shop.sourcesYamlEntry } }));
  const sources = new SourceAccess(SourcesFile.load(path), {
    variable: () => database.url,
    sourceConcurrency: 99,
    stopwatch: () => 0,
  });
  sample = new DrawSample(sources, 'key of the spec', workHere);
  drawn = await draw();
}, 120_000);
afterAll(async () => {
  await connection?.end();
  await database?.dispose();
  rmSync(folder, { recursive: true });
});

const draw = async () =>
  asRead(await sample.execute({ source: 'main', product: 1, goal: 'sale', window, policy, checked: [] }));
const rows = async (text: string): Promise<RowDataPacket[]> =>
  (await connection.query<RowDataPacket[]>(text))[0];
const number = async (text: string): Promise<number> => Number(Object.values((await rows(text))[0]!)[0]);

/** AUC of one score per row, over all drawn rows, against the label. */
function aucOf({ rows: count, labels }: Dataset, score: (row: number) => number): number {
  return weightedAuc(
    Array.from({ length: count }, (_, row) => score(row)),
    (row) => labels[row]!,
    (row) => 1 - labels[row]!,
  );
}
function numbersOf({ features }: Dataset, name: string): Float32Array {
  const found = features.find((one) => one.name === name);
  if (found?.kind !== 'number') throw new RangeError(`${name} is no number`);
  return found.values;
}
/** A figure for every drawn visit, from `SELECT visit_id, figure`; absent = 0. */
async function figures({ visitIds }: Dataset, text: string): Promise<number[]> {
  const byId = new Map((await rows(text)).map((row) => [String(row['visit_id']), Number(row['figure'])]));
  return visitIds.map((id) => byId.get(id) ?? 0);
}

describe('a column of pure exposure', () => {
  test.each([
    ['pings', 'COUNT(*)'],
    ['open_seconds', 'SUM(open_seconds)'],
  ])('%s predicts nothing; when cut at the goal it predicted almost everything', async (name, figure) => {
    const { dataset } = drawn;
    // the former rule: up to the first goal of visits with one, and all events of the others
    const former = await figures(
      dataset,
      `SELECT e.visit_id, ${figure} AS figure FROM page_ping e LEFT JOIN (
         SELECT visit_id, MIN(sale_time) AS first FROM sale s WHERE ${PAID} GROUP BY visit_id) g USING (visit_id)
       WHERE g.first IS NULL OR e.event_time < g.first GROUP BY e.visit_id`,
    );
    expect(1 - aucOf(dataset, (row) => former[row]!)).toBeGreaterThan(0.8);
    const now = numbersOf(dataset, name);
    expect(Math.abs(aucOf(dataset, (row) => now[row]!) - 0.5)).toBeLessThan(NOISE);
  });

  it('keeps the signal: searches before the cut and calls before the visit predict as well as the true propensity allows', async () => {
    const { dataset } = drawn;
    const truth = await figures(
      dataset,
      `SELECT visit_id, propensity AS figure FROM ${TRUE_PROPENSITY_TABLE}`,
    );
    const searches = numbersOf(dataset, 'searches_made');
    const auc = aucOf(dataset, (row) => (Number.isNaN(searches[row]) ? 0 : searches[row]!));
    expect(auc).toBeGreaterThan(0.5 + NOISE);
    expect(aucOf(dataset, (row) => -numbersOf(dataset, 'calls')[row]!)).toBeGreaterThan(0.5 + NOISE);
    expect(aucOf(dataset, (row) => truth[row]!)).toBeGreaterThan(auc);
    expect(aucOf(dataset, (row) => truth[row]!)).toBeCloseTo(shop.products[0]!.oracleAuc, 1);
  });

  it('counts exactly the events before the cut, and no others', async () => {
    const { dataset } = drawn;
    const expected = await figures(
      dataset,
      `SELECT e.visit_id, COUNT(*) AS figure FROM page_ping e JOIN visit v USING (visit_id)
       WHERE e.event_time >= v.visit_time AND e.event_time < ${CUT} GROUP BY e.visit_id`,
    );
    expect([...numbersOf(dataset, 'pings')]).toEqual(expected);
  });
});

describe('the ledger of a source with a cut', () => {
  it('counts the visits that are left out, each visit of the window once', async () => {
    const { training, outOfTime, featureMoment } = drawn.ledger;
    const early = `SELECT DISTINCT v.visit_id FROM visit v JOIN sale s USING (visit_id) WHERE ${PAID} AND s.sale_time < ${CUT}`;
    const left = (training.leftOut?.goalBeforeCut ?? 0) + (outOfTime.leftOut?.goalBeforeCut ?? 0);
    expect(left).toBe(await number(`SELECT COUNT(*) FROM (${early}) e`));
    expect(left).toBe(shop.products[0]!.leftOut);
    expect(countsOfDraw(drawn.ledger).leftOut).toBe(left);
    const parts = [training, outOfTime].map(({ goals, others }) => goals.population + others.population);
    expect(parts[0]! + parts[1]! + left).toBe(VISITS);
    expect(drawn.dataset.labels.reduce((sum, label) => sum + label, 0)).toBe(shop.goals);
    const leftOut = new Set((await rows(early)).map((row) => String(row['visit_id'])));
    expect(drawn.dataset.visitIds.filter((id) => leftOut.has(id))).toEqual([]);
    expect(featureMoment).toEqual({
      cut: { observeSeconds: OBSERVE_SECONDS },
      tables: [
        { table: 'agg_origin', covers: 'before-visit' },
        { table: 'page_ping', time: 'event_time' },
        { table: 'search', time: 'event_time' },
        { table: 'service_call', time: 'event_time', lookbackSeconds: 30 * 86_400 },
      ],
    });
  });

  it('weights add up to the visits that could be drawn', () => {
    const { dataset, ledger } = drawn;
    const training = dataset.weights.filter((_, row) => dataset.marks[row] !== MARKS.indexOf('out-of-time'));
    const { goals, others } = ledger.training;
    expect(training.reduce((sum, one) => sum + one, 0)).toBeCloseTo(goals.population + others.population, 6);
  });
});

describe('permuted labels', () => {
  it('change no feature of any visit: sales moved, removed and added from the cut on', async () => {
    await connection.query(
      `UPDATE sale s JOIN visit v USING (visit_id) SET s.sale_time = ${CUT} + INTERVAL MOD(s.sale_id, 4000) SECOND
       WHERE s.sale_time >= ${CUT}`,
    );
    await connection.query(
      `DELETE s FROM sale s JOIN visit v USING (visit_id) WHERE s.sale_time >= ${CUT} AND MOD(s.visit_id, 3) = 0`,
    );
    await connection.query(
      `INSERT INTO sale SELECT 1000000 + v.visit_id, v.visit_id, ${CUT}, 10, 'paid' FROM visit v WHERE MOD(v.visit_id, 5) = 0`,
    );
    const permuted = await draw();
    expect(permuted.dataset.visitIds).toEqual(drawn.dataset.visitIds);
    expect(permuted.dataset.features).toEqual(drawn.dataset.features);
    const changed = permuted.dataset.labels.filter(
      (label, row) => label !== drawn.dataset.labels[row],
    ).length;
    expect(changed).toBeGreaterThan(1_500);
  });
});
