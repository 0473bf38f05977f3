import {
  DEFAULT_POLICY,
  HALVES,
  MARKS,
  compareBytes,
  hash52,
  hashFraction,
  type Policy,
} from '@factory/domain';
import { sha256Of } from '@factory/object-store';
import { SourceAccess, SourcesFile, sourceGrants } from '@factory/source';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DrawSample, type DrawSampleRequest } from './draw-sample';
import { visitorHash } from './seeds';
import { asRead, bytesOf, withoutHalves, workHere } from './spec-dataset-work';

let shop: TestShop;
let folder: string;
let sample: DrawSample;
const OUT_OF_TIME = MARKS.indexOf('out-of-time');
const HOUR_MS = 3_600_000;
const window = {
  start: new Date('2023-03-01T00:00:00Z'),
  trainEnd: new Date('2023-03-25T00:00:00Z'),
  end: new Date('2023-04-01T00:00:00Z'),
};
const SOURCES = `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, visitor: visitor_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg_pages, key: visit_id, missing: zero }]
`;
const policy: Policy = {
  ...DEFAULT_POLICY,
  maxPositives: 60,
  outOfTimeMaxPositives: 20,
  outOfTimeMaxNegatives: 50,
};

interface Visit {
  readonly visit_id: string;
  readonly visitor_id: string | null;
  readonly visit_time: Date;
  readonly sold: boolean;
}
/** 31 days of 48 visits of product 7; a sale in 12 (in the second half of March one in 6). */
const visits: Visit[] = Array.from({ length: 31 * 48 }, (_, at) => ({
  visit_id: `v-${at}-é`,
  visitor_id: at % 10 === 0 ? null : `who-${at % 400}`,
  visit_time: new Date(window.start.getTime() + (at * HOUR_MS) / 2),
  sold: at % (at > 700 ? 6 : 12) === 0,
}));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sampling-'));
  writeFileSync(join(folder, 'sources.yaml'), SOURCES);
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(`
    CREATE TABLE product (product_id INT PRIMARY KEY);
    CREATE TABLE visit (visit_id VARCHAR(40) PRIMARY KEY, product_id INT NOT NULL, visitor_id VARCHAR(40), visit_time DATETIME NOT NULL, KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id VARCHAR(40) PRIMARY KEY, sale_time DATETIME NOT NULL);
    CREATE TABLE agg_pages (visit_id VARCHAR(40) PRIMARY KEY, pages INT, device VARCHAR(10))`);
  await shop.insert(
    'visit',
    visits.map(({ visit_id, visitor_id, visit_time }) => ({
      visit_id,
      product_id: 7,
      visitor_id,
      visit_time,
    })),
  );
  await shop.insert('visit', [{ visit_id: 'other-product', product_id: 8, visit_time: window.start }]);
  await shop.insert(
    'sale',
    visits.filter((one) => one.sold).map((one) => ({ visit_id: one.visit_id, sale_time: one.visit_time })),
  );
  await shop.insert(
    'agg_pages',
    visits.map(({ visit_id }, at) => ({ visit_id, pages: at, device: ['phone', 'pc'][at % 2] })),
  );
  const sources = new SourceAccess(SourcesFile.load(join(folder, 'sources.yaml')), {
    variable: () => shop.url,
    sourceConcurrency: 99,
    stopwatch: () => 0,
  });
  sample = new DrawSample(sources, 'key of the spec', workHere);
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

const draw = async (request: Partial<DrawSampleRequest> = {}) => {
  const asked = { source: 'main', product: 7, goal: 'sale', window, policy, checked: [], ...request };
  return asRead(await sample.execute(asked));
};

/** Rules R2, implemented again directly on the rows. */
function expectedIds(part: (visit: Visit) => boolean, sold: boolean, salt: string, most: number): string[] {
  return visits
    .filter((one) => part(one) && one.sold === sold)
    .map((one) => one.visit_id)
    .sort((a, b) => hash52(salt, a) - hash52(salt, b) || compareBytes(a, b))
    .slice(0, most);
}
const inTraining = (one: Visit) => one.visit_time < window.trainEnd;
const outOfTime = (one: Visit) => one.visit_time >= window.trainEnd;

/** Of the shop above without halves, as they were when a dataset was still made of strings, in one piece. */
const SHA256 = {
  usual: 'b4160517ba809b0a36228ec847d9ec3c4e072c0cf606be4c894c62553fcfd996',
  detrended: '72333f64ef84fee9f28e0057471e0b6953aa486dbd356bf8ba03a25da66d2493',
};

describe('DrawSample', () => {
  it.each([
    ['usual', policy],
    ['detrended', { ...policy, detrend: true }],
  ] as const)('gives the same bytes for the same rows as earlier versions: %s', async (name, given) => {
    const asked = { source: 'main', product: 7, goal: 'sale', window, policy: given, checked: [] };
    const { dataset } = await sample.execute(asked);
    expect(sha256Of(bytesOf(withoutHalves(dataset)))).toBe(SHA256[name]);
  });

  it('draws exactly the smallest hashes of each class and part, ordered by the bytes of the id', async () => {
    const { dataset } = await draw();
    const expected = [
      ...expectedIds(inTraining, true, 'main/sale/7|draw', 60),
      ...expectedIds(inTraining, false, 'main/sale/7|draw', 480),
      ...expectedIds(outOfTime, true, 'main/sale/7|oot', 20),
      ...expectedIds(outOfTime, false, 'main/sale/7|oot', 50),
    ];
    expect(dataset.visitIds).toEqual(expected.sort(compareBytes));
    expect(dataset.rows).toBe(610);
  });

  it('gives each row its label, time, features, weight 1/f and keyed visitor', async () => {
    const { dataset, ledger } = await draw();
    const byId = new Map(visits.map((one, at) => [one.visit_id, { ...one, at }]));
    const f = {
      training: [ledger.training.others.fraction, ledger.training.goals.fraction],
      outOfTime: [ledger.outOfTime.others.fraction, ledger.outOfTime.goals.fraction],
    };
    const [pages, device] = dataset.features;
    dataset.visitIds.forEach((id, row) => {
      const visit = byId.get(id)!;
      const label = Number(visit.sold);
      expect(dataset.labels[row]).toBe(label);
      expect(dataset.visitTimes[row]).toBe(visit.visit_time.getTime());
      expect(dataset.visitorIds[row]).toBe(visitorHash('key of the spec', visit.visitor_id ?? id));
      expect(dataset.weights[row]).toBe(1 / (inTraining(visit) ? f.training : f.outOfTime)[label]!);
      expect(pages).toMatchObject({ kind: 'number' });
      expect(pages?.kind === 'number' && pages.values[row]).toBe(visit.at);
      expect(device?.kind === 'category' && device.levels[device.codes[row]!]).toBe(
        ['phone', 'pc'][visit.at % 2],
      );
    });
  });

  it('marks by the visitor, by the visit if there is none, and by date at the end', async () => {
    const { dataset, ledger } = await draw();
    const byId = new Map(visits.map((one) => [one.visit_id, one]));
    dataset.visitIds.forEach((id, row) => {
      const visit = byId.get(id)!;
      const h = hashFraction(ledger.markSeed, visit.visitor_id ?? id);
      const inside = h < 0.2 ? 'test' : h < 0.36 ? 'validation' : 'train';
      expect(MARKS[dataset.marks[row]!]).toBe(outOfTime(visit) ? 'out-of-time' : inside);
    });
    dataset.visitIds.forEach((id, row) => {
      const visitor = visits.find(({ visit_id }) => visit_id === id)!.visitor_id ?? id;
      const isTest = hashFraction(ledger.markSeed, visitor) < 0.2;
      const isA = !isTest && hashFraction(ledger.halfSeed, visitor) < 0.5;
      expect(HALVES[dataset.halves![row]!]).toBe(isA ? 'a' : 'b');
    });
    const { a, b } = ledger.outOfTimeHalves;
    expect({ rows: a.rows + b.rows, goals: a.goals + b.goals }).toEqual({ rows: 70, goals: 20 });
    expect(a.rows).toBeGreaterThan(0);
    const { train, validation, test } = ledger.marks;
    expect(train.rows + validation.rows + test.rows).toBe(540);
    expect(train.share + validation.share + test.share).toBeCloseTo(1, 12);
    expect(train.goals + validation.goals + test.goals).toBe(60);
    expect(ledger.marks['out-of-time']).toMatchObject({ rows: 70, goals: 20 });
  });

  it('weights add up to the population of each class and part', async () => {
    const { dataset, ledger } = await draw();
    const sums: Record<string, number> = {};
    dataset.visitIds.forEach((_, row) => {
      const part = dataset.marks[row] === MARKS.indexOf('out-of-time') ? 'outOfTime' : 'training';
      const key = `${part} ${dataset.labels[row]}`;
      sums[key] = (sums[key] ?? 0) + dataset.weights[row]!;
    });
    expect(sums['training 1']).toBeCloseTo(ledger.training.goals.population, 6);
    expect(sums['training 0']).toBeCloseTo(ledger.training.others.population, 6);
    expect(sums['outOfTime 1']).toBeCloseTo(ledger.outOfTime.goals.population, 6);
    expect(sums['outOfTime 0']).toBeCloseTo(ledger.outOfTime.others.population, 6);
  });

  it('records population, drawn, fractions, seeds and every statement', async () => {
    const { ledger } = await draw();
    const count = (part: (visit: Visit) => boolean, sold: boolean) =>
      visits.filter((one) => part(one) && one.sold === sold).length;
    expect(ledger.training.goals).toEqual({
      population: count(inTraining, true),
      drawn: 60,
      fraction: 60 / count(inTraining, true),
    });
    expect(ledger.training.others).toMatchObject({ population: count(inTraining, false), drawn: 480 });
    expect(ledger.outOfTime.others).toMatchObject({ population: count(outOfTime, false), drawn: 50 });
    expect([ledger.f1, ledger.f0]).toEqual([ledger.training.goals.fraction, ledger.training.others.fraction]);
    expect(ledger).toMatchObject({
      seed: 'main/sale/7',
      markSeed: 'main/sale/7|mark',
      halfSeed: 'main/sale/7|half',
      markedBy: 'visitor',
      rows: 610,
    });
    expect(ledger.queries.map(({ name, rows }) => [name, rows])).toEqual([
      ['create-drawn-table', 0],
      ['start-snapshot', 0],
      ['count-population', 1],
      ['select-goals-by-hash', 60],
      ['select-others-by-hash', 480],
      ['count-population', 1],
      ['select-goals-by-hash', 20],
      ['select-others-by-hash', 50],
      ['insert-drawn-visits', 610],
      ['read-drawn-visits', 610],
      ['read-features agg_pages', 610],
    ]);
  });
});

describe('visits whose visitor is empty', () => {
  it('are marked and hashed by visit, like visits without a visitor', async () => {
    await shop.run("UPDATE visit SET visitor_id = '' WHERE visitor_id IS NULL");
    const { dataset } = await draw();
    await shop.run("UPDATE visit SET visitor_id = NULL WHERE visitor_id = ''");
    const rows = dataset.visitIds.flatMap((id, row) =>
      visits.find((one) => one.visit_id === id)!.visitor_id === null ? [row] : [],
    );
    expect(rows.length).toBeGreaterThan(40);
    expect(new Set(rows.map((row) => dataset.visitorIds[row])).size).toBe(rows.length);
    expect(dataset).toEqual((await draw()).dataset);
  });
});

describe('seeds', () => {
  it('the same rows give the same sample', async () => {
    expect(await draw()).toEqual(await draw());
  });

  it('another seed draws other rows and changes no mark', async () => {
    const [usual, other] = [(await draw()).dataset, (await draw({ seed: '42' })).dataset];
    const markOf = new Map(usual.visitIds.map((id, row) => [id, usual.marks[row]]));
    const common = other.visitIds.filter((id) => markOf.has(id));
    expect(other.rows).toBe(usual.rows);
    expect(common.length).toBeLessThan(usual.rows);
    expect(common.length).toBeGreaterThan(0);
    other.visitIds.forEach((id, row) => {
      if (markOf.has(id)) expect(other.marks[row]).toBe(markOf.get(id));
    });
  });
});

describe('de-trending', () => {
  const detrended = { policy: { ...policy, maxPositives: 1_000, detrend: true, negativesPerPositive: 5 } };

  it("draws each day's others by that day's goals, all if fewer, and weighs by the day", async () => {
    const { dataset, ledger } = await draw(detrended);
    expect(ledger.days).toHaveLength(24);
    const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
    for (const { day, goals, population, drawn, fraction } of ledger.days ?? []) {
      const ofDay = visits.filter((one) => dayOf(one.visit_time.getTime()) === day.slice(0, 10));
      expect(goals).toBe(ofDay.filter((one) => one.sold).length);
      expect(population).toBe(ofDay.length - goals);
      expect(drawn).toBe(Math.min(population, goals * 5));
      dataset.visitIds.forEach((_, row) => {
        if (dayOf(dataset.visitTimes[row]!) !== day.slice(0, 10) || dataset.labels[row] === 1) return;
        expect(dataset.weights[row]).toBe(1 / fraction);
      });
    }
  });

  it.each([3, 10, 25])(
    'with %i goals in 24 days, weights still add up to the population: days without a goal are represented',
    async (maxPositives) => {
      const few = { policy: { ...detrended.policy, maxPositives } };
      const { dataset, ledger } = await draw(few);
      const days = ledger.days ?? [];
      expect(days.filter((day) => day.goals === 0 && day.population > 0).length).toBeGreaterThan(0);
      const sum = (label: number) =>
        dataset.weights.reduce(
          (total, weight, row) =>
            dataset.labels[row] === label && dataset.marks[row] !== OUT_OF_TIME ? total + weight : total,
          0,
        );
      expect(sum(0)).toBeCloseTo(ledger.training.others.population, 6);
      expect(sum(1)).toBeCloseTo(ledger.training.goals.population, 6);
      // closed form: all others / others of the days that drew some
      const stoodFor = days.filter((day) => day.drawn > 0).reduce((total, day) => total + day.population, 0);
      expect(ledger.scaleOfDays).toBe(ledger.training.others.population / stoodFor);
    },
  );

  it('f1 and f0 give the shift logit(population rate) - logit(sample rate)', async () => {
    const { ledger } = await draw(detrended);
    const { goals, others } = ledger.training;
    const logit = (p: number) => Math.log(p / (1 - p));
    const shift =
      logit(goals.population / (goals.population + others.population)) -
      logit(goals.drawn / (goals.drawn + others.drawn));
    expect(Math.log(ledger.f0) - Math.log(ledger.f1)).toBeCloseTo(shift, 12);
  });
});

describe('ends', () => {
  it('without out-of-time days there is no such part', async () => {
    const { dataset, ledger } = await draw({ window: { ...window, end: window.trainEnd } });
    expect(dataset.rows).toBe(540);
    expect(ledger.outOfTime.goals).toEqual({ population: 0, drawn: 0, fraction: 1 });
  });

  it('a window that no longer has sales is skipped', async () => {
    const empty = {
      ...window,
      start: new Date('2023-03-01T00:10:00Z'),
      trainEnd: new Date('2023-03-01T02:00:00Z'),
    };
    await expect(draw({ window: empty })).rejects.toMatchObject({
      reason: 'no-sales',
      figures: { goals: 0 },
    });
  });
});
