import { Random } from '@factory/simulator';
import type { Dataset } from '@factory/domain';
import { countBins } from '../profile/bin-counts';
import { passesOf } from '../profile/profile-batch';
import { binningsOf, profileDataset } from '../profile/profile-dataset';
import { numbers, specDataset } from '../profile/spec-batches';
import { fUpperTail } from './f-distribution';
import { psiLimit, testShift, type Shift } from './shift-test';

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const WINDOW = 35;
const COLUMNS = 5;
const A_DAY = 90;

interface Noise {
  /** Share of a value's variance that stays with the visitor. */
  readonly visitor: number;
  /** Standard deviations of what a day, and its weekday, adds to all values. */
  readonly day: number;
  readonly week: number;
}

/** Visitors who come some four times in six weeks, days with moods, weeks with a rhythm. Columns independent of each other. */
function simulate(seed: number, { visitor, day, week }: Noise, shift = 0): Dataset {
  const random = new Random(seed, 'shift');
  const rows = (WINDOW + 7) * A_DAY;
  const visitors = Math.round(rows / 4);
  const lasting = Array.from({ length: visitors * COLUMNS }, () => random.normal());
  const who = Array.from({ length: rows }, () => Math.floor(visitors * random.uniform() ** 1.5));
  const moods = Array.from({ length: (WINDOW + 7) * COLUMNS }, () => day * random.normal());
  const features = Array.from({ length: COLUMNS }, (_, column) =>
    numbers(
      `x${column}`,
      who.map((one, row) => {
        const at = Math.floor(row / A_DAY);
        const own =
          Math.sqrt(visitor) * lasting[one * COLUMNS + column]! + Math.sqrt(1 - visitor) * random.normal();
        const rhythm = week * Math.sin((2 * Math.PI * at) / 7);
        return own + moods[at * COLUMNS + column]! + rhythm + (at >= WINDOW ? shift : 0);
      }),
    ),
  );
  return specDataset(features, {
    visitTimes: Float64Array.from(
      { length: rows },
      (_, row) => START + Math.floor(row / A_DAY) * DAY_MS + (row % A_DAY) * 1000,
    ),
    visitorIds: who.map((one) => `v${one}`),
    weights: Float64Array.from({ length: rows }, (_, row) => (row % 9 === 0 ? 1 : 5)),
  });
}

/** Comparison of the last days of a dataset with the window before, for each column. */
function shiftsOf(dataset: Dataset, newDays = 7): { shifts: Shift[]; rows: number; before: number } {
  const from = START + WINDOW * DAY_MS;
  const profile = profileDataset(passesOf(dataset), { to: from, end: from });
  const counts = countBins(passesOf(dataset), binningsOf(profile), { from, to: from + newDays * DAY_MS });
  const shifts = profile.columns.map((column, at) =>
    testShift(column.bins, profile, counts.columns[at]!, counts)!,
  );
  return { shifts, rows: counts.effectiveRows, before: profile.effectiveRows };
}

const rejected = (ps: readonly number[], level: number): number =>
  ps.filter((p) => p < level).length / ps.length;

describe('the null of a shift', () => {
  const REPEATS = 20;

  it.each([
    ['independent visits', { visitor: 0, day: 0, week: 0 }],
    ['visitors who return', { visitor: 0.9, day: 0, week: 0 }],
    ['days with moods and a weekly rhythm', { visitor: 0.5, day: 0.15, week: 0.3 }],
  ] as const)('holds its level with %s', (_, noise) => {
    const ps = Array.from({ length: REPEATS }, (_unused, seed) =>
      shiftsOf(simulate(seed + 1, noise)).shifts.map(({ p }) => p),
    ).flat();
    // 100 tests: 1 rejection in expectation at 1 %, 5 at 5 %; by chance more than these in one of 200. `bench faults` has more.
    expect(rejected(ps, 0.01)).toBeLessThanOrEqual(0.04);
    expect(rejected(ps, 0.05)).toBeLessThanOrEqual(0.11);
    // It is a distribution and no bound: small p-values are not unheard of.
    expect(rejected(ps, 0.5)).toBeGreaterThan(0.2);
  });

  it('of independent rows would cry wolf: the textbook chi-square, on the same data', () => {
    const found = Array.from({ length: 10 }, (_unused, seed) => {
      const { shifts, rows, before } = shiftsOf(simulate(seed + 1, { visitor: 0.9, day: 0.3, week: 0 }));
      // Yurdakul 2018: psi / (1 / n + 1 / m) is a chi-square with bins - 1 degrees of freedom.
      const textbook = ({ psi }: Shift): number => fUpperTail(psi / (1 / rows + 1 / before) / 9, 9, 1e7);
      return shifts.map((shift) => ({ textbook: textbook(shift), ours: shift.p }));
    }).flat();
    expect(
      rejected(
        found.map(({ textbook }) => textbook),
        0.01,
      ),
    ).toBeGreaterThan(0.2);
    expect(
      rejected(
        found.map(({ ours }) => ours),
        0.01,
      ),
    ).toBeLessThanOrEqual(0.06);
  });

  it('holds for one new day of a week with a strong rhythm', () => {
    const ps = Array.from({ length: REPEATS }, (_unused, seed) =>
      shiftsOf(simulate(seed + 500, { visitor: 0.3, day: 0.1, week: 0.5 }), 1).shifts.map(({ p }) => p),
    ).flat();
    expect(rejected(ps, 0.01)).toBeLessThanOrEqual(0.04);
  });
});

describe('a shift', () => {
  const noise = { visitor: 0.5, day: 0.1, week: 0.3 };

  it('of half a standard deviation is found, with an effect of its size', () => {
    const found = Array.from(
      { length: 10 },
      (_unused, seed) => shiftsOf(simulate(seed + 50, noise, 0.5)).shifts,
    ).flat();
    expect(found.filter(({ p }) => p < 1e-4).length).toBeGreaterThan(26);
    const effect = found.reduce((sum, one) => sum + one.effect, 0) / found.length;
    // Of normal values moved by d deviations, w is sqrt(e^(d^2) - 1); bins lose a little, other noise adds to the deviation.
    expect(effect).toBeGreaterThan(0.38);
    expect(effect).toBeLessThan(0.56);
  });

  it('has a limit of the index at which chance is what was asked for', () => {
    const [shift] = shiftsOf(simulate(1, noise)).shifts;
    const limit = psiLimit(shift!, 0.001);
    expect(fUpperTail(limit / shift!.expected, shift!.first, shift!.second)).toBeCloseTo(0.001, 8);
    expect(limit).toBeGreaterThan(2 * shift!.expected);
  });
});
