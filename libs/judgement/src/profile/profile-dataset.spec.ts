import { rankScores, rocAuc } from '@factory/metrics';
import { parseProfile, type CategoryStatistics, type NumberStatistics } from '@factory/model';
import { Random } from '@factory/simulator';
import { passesOf } from './profile-batch';
import { profileDataset } from './profile-dataset';
import { SPEC_START, inBatches, numbers, specDataset, texts } from './spec-batches';

const random = new Random(3, 'profile');
const ROWS = 3000;
const labels = Uint8Array.from({ length: ROWS }, () => Number(random.uniform() < 0.2));
const pages = Array.from(labels, (label) => (random.uniform() < 0.4 ? 0 : random.poisson(2 + label)));
const seconds = Array.from(labels, (label) =>
  random.uniform() < 0.1 ? NaN : Math.exp(4 + 0.3 * label + random.normal()),
);
const device = Array.from(labels, (label) => {
  if (random.uniform() < 0.05) return null;
  return random.uniform() < 0.6 + 0.2 * label ? 'mobile' : 'desktop';
});
const weights = Float64Array.from(labels, (label) => (label === 1 ? 1 : 4));
const dataset = specDataset(
  [
    numbers('pages', pages),
    numbers('seconds', seconds),
    texts('device', device),
    texts(
      'visit',
      Array.from({ length: ROWS }, (_, row) => `id-${row}`),
    ),
    numbers(
      'pages_again',
      pages.map((value) => 100 - 2 * value),
    ),
    texts(
      'gadget',
      device.map((one) => (one === null ? null : one === 'mobile' ? 'z-phone' : 'a-screen')),
    ),
  ],
  { labels, weights },
);
const profile = profileDataset(passesOf(dataset));
const column = (name: string) => profile.columns.find((one) => one.name === name)!;

describe('the profile of a dataset', () => {
  it('is the same however the rows arrive', () => {
    expect(profileDataset(inBatches(dataset, 700))).toEqual(profile);
  });

  it('survives JSON, in a stable order', () => {
    const text = JSON.stringify(profile);
    expect(parseProfile(JSON.parse(text))).toEqual(profile);
    expect(JSON.stringify(parseProfile(JSON.parse(text)))).toBe(text);
    expect(profile.columns.map(({ name }) => name)).toEqual(dataset.features.map(({ name }) => name));
  });

  it('refuses what is of no release, or does not fit', () => {
    expect(() => parseProfile({ ...profile, schemaVersion: 9 })).toThrow(/schemaVersion/);
    expect(() => parseProfile({ ...profile, rows: 'many' })).toThrow(/profile.json.rows/);
  });

  it('counts rows, what they stand for, and how many they are worth', () => {
    const goals = labels.reduce((sum, label) => sum + label, 0);
    const weight = goals + 4 * (ROWS - goals);
    expect(profile).toMatchObject({ rows: ROWS, goals, weight, goalWeight: goals });
    expect(profile.effectiveRows).toBeCloseTo(weight ** 2 / (goals + 16 * (ROWS - goals)), 3);
    expect(profile.days).toHaveLength(125);
    expect(profile.days[0]).toMatchObject({ day: '2024-01-01', rows: 24 });
    expect(profile.end).toBe('2024-05-05T00:00:00.000Z');
  });

  it('has weighted figures of numbers', () => {
    const found = column('seconds') as NumberStatistics;
    const known = seconds.flatMap((value, row) =>
      Number.isNaN(value) ? [] : [{ value: Math.fround(value), weight: weights[row]!, label: labels[row]! }],
    );
    const total = known.reduce((sum, { weight }) => sum + weight, 0);
    const mean = (of: (one: (typeof known)[number]) => number) =>
      known.reduce((sum, one) => sum + one.weight * of(one), 0) / total;
    const m = mean(({ value }) => value);
    const sd = Math.sqrt(mean(({ value }) => (value - m) ** 2));
    const rate = mean(({ label }) => label);
    expect(found.missing).toBeCloseTo(1 - total / profile.weight, 6);
    expect(found.mean / m).toBeCloseTo(1, 6);
    expect(found.deviation / sd).toBeCloseTo(1, 6);
    expect(found.min).toBe(Math.min(...known.map(({ value }) => value)));
    expect(found.max).toBe(Math.max(...known.map(({ value }) => value)));
    const covariance = mean(({ value, label }) => (value - m) * (label - rate));
    expect(found.correlation).toBeCloseTo(covariance / sd / Math.sqrt(rate * (1 - rate)), 6);
    expect(found.zeros).toBe(0);
    expect((column('pages') as NumberStatistics).zeros).toBeGreaterThan(0.4);
  });

  it('has the AUC of a column by itself, equal to that of the metrics', () => {
    const exact = rocAuc(rankScores(Float64Array.from(pages), labels, weights));
    expect(column('pages').auc).toBeCloseTo(exact, 6);
    expect(column('pages_again').auc).toBeCloseTo(exact, 6);
    expect(column('device').auc).toBeGreaterThan(0.53);
    // All levels differ: known by heart they would rank perfectly, and on other visitors they say nothing.
    expect(column('visit').auc).toBe(0.5);
  });

  it('has the frequent levels, and what the others add up to', () => {
    const found = column('visit') as CategoryStatistics;
    expect(found.levels).toHaveLength(50);
    expect(found.rest).toMatchObject({ levels: ROWS - 50, rows: ROWS - 50 });
    expect((column('device') as CategoryStatistics).levels.map(({ level }) => level)).toEqual([
      'mobile',
      'desktop',
    ]);
    expect(found.bins.shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6);
  });

  it('cuts values into weighted deciles, an atom for the mode and one for missing', () => {
    const { bins } = column('seconds');
    expect(bins.shares).toHaveLength(11);
    expect(bins.shares[0]).toBeCloseTo(column('seconds').missing, 6);
    for (const share of bins.shares.slice(1)) expect(share).toBeCloseTo((1 - bins.shares[0]!) / 10, 2);
    const ofPages = column('pages').bins;
    expect(ofPages.mode).toBe(0);
    expect(ofPages.shares[1]).toBeCloseTo((column('pages') as NumberStatistics).zeros, 6);
  });

  it('names columns that say the same', () => {
    expect(profile.alike).toEqual([
      ['pages', 'pages_again'],
      ['device', 'gadget'],
    ]);
  });

  it('looks at the chosen marks and days only', () => {
    const marks = Uint8Array.from({ length: ROWS }, (_, row) => row % 4);
    const to = SPEC_START + 10 * 86_400_000;
    const some = profileDataset(passesOf({ ...dataset, marks }), { marks: ['train', 'test'], to, end: to });
    expect(some.rows).toBe(120);
    expect(some.end).toBe('2024-01-11T00:00:00.000Z');
    expect(() => profileDataset(passesOf(dataset), { from: to, to })).toThrow(/no-rows|dataset/);
  });
});

describe('columns that are alike', () => {
  const base = Array.from({ length: 5000 }, () => random.normal());
  const with_ = (correlation: number) =>
    base.map((value) => correlation * value + Math.sqrt(1 - correlation ** 2) * random.normal());

  it('are told from columns that are merely near', () => {
    const found = profileDataset(
      passesOf(
        specDataset([
          numbers('base', base),
          numbers('nearly', with_(0.9996)),
          numbers('near', with_(0.99)),
          numbers(
            'shifted',
            base.map((value) => 1000 + value),
          ),
          numbers(
            'constant',
            base.map(() => 1),
          ),
          numbers(
            'constant_too',
            base.map(() => 1),
          ),
        ]),
      ),
    );
    expect(found.alike).toEqual([['base', 'nearly', 'shifted']]);
  });
});
