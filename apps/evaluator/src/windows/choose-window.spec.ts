import { Xoroshiro128Plus, sigmoid } from '@factory/domain';
import { fitLogistic } from '@factory/logistic';
import { logLosses } from '@factory/metrics';
import { chooseWindow } from './choose-window';

const DAYS = [7, 21, 42, 84];
const COLUMNS = 12;
const VISITS_A_DAY = 25;

interface Visits {
  /** [rows x COLUMNS] */
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

/** A product whose visitors behave as the coefficients say; nothing else of it changes from day to day. */
class Product {
  private readonly random: Xoroshiro128Plus;
  private readonly before: Float64Array;
  private readonly after: Float64Array;

  /** @param turned share of the coefficients that a break turns round */
  constructor(seed: number, turned: number) {
    this.random = new Xoroshiro128Plus(seed);
    this.before = new Float64Array(COLUMNS).map(() => 0.5 * this.normal());
    this.after = this.before.map((one, at) => (at < turned * COLUMNS ? -one : one));
  }

  visits(count: number, isAfter: boolean): Visits {
    const features = new Float32Array(count * COLUMNS).map(() => this.normal());
    const weights = isAfter ? this.after : this.before;
    const labels = new Uint8Array(count).map((_, row) => {
      const logit = weights.reduce(
        (sum, weight, at) => sum + weight * (features[row * COLUMNS + at] ?? 0),
        -1.5,
      );
      return Number(this.uniform() < sigmoid(logit));
    });
    return { features, labels };
  }

  private uniform(): number {
    return ((this.random.int32() >>> 0) + 0.5) / 2 ** 32;
  }

  private normal(): number {
    const [a, b] = [this.uniform(), this.uniform()];
    return Math.sqrt(-2 * Math.log(a)) * Math.cos(2 * Math.PI * b);
  }
}

function everyNth({ features, labels }: Visits, step: number) {
  const rows = Math.ceil(labels.length / step);
  return {
    ...{ rows, codes: new Uint16Array(0), labels: labels.filter((_, row) => row % step === 0) },
    features: features.filter((_, at) => Math.floor(at / COLUMNS) % step === 0),
  };
}

function fitted({ features, labels }: Visits): (row: Visits) => Float64Array {
  const rows = labels.length;
  const blocks: Record<number, ReturnType<typeof everyNth>> = {};
  const fit = fitLogistic({
    layout: {
      ...{ width: COLUMNS, codedColumns: new Uint32Array(0), groups: [] },
      denseColumns: Uint32Array.from({ length: COLUMNS }, (_, at) => at),
    },
    rows,
    goals: labels.reduce((sum, label) => sum + label, 0),
    blocks: (step) => [(blocks[step] ??= everyNth({ features, labels }, step))],
  });
  if (fit.state !== 'fitted') throw new RangeError(fit.state);
  return (of) =>
    logLosses(
      Float64Array.from(of.labels, (_, row) =>
        sigmoid(
          fit.weights.reduce(
            (sum, weight, at) => sum + weight * (of.features[row * COLUMNS + at] ?? 0),
            fit.intercept,
          ),
        ),
      ),
      of.labels,
    );
}

const part = ({ features, labels }: Visits, from: number): Visits => ({
  features: features.subarray(from * COLUMNS),
  labels: labels.subarray(from),
});

/** The days chosen for a product whose behaviour changed `breakDaysAgo`, by so many visits after its training. */
function chosenDays(seed: number, { breakDaysAgo = 0, turned = 0, judgedBy = 800 }): number {
  const product = new Product(seed, turned);
  const most = DAYS.at(-1) ?? 0;
  const [old, recent] = [most - breakDaysAgo, breakDaysAgo].map((days, at) =>
    product.visits(days * VISITS_A_DAY, at === 1),
  ) as [Visits, Visits];
  const all: Visits = {
    features: Float32Array.from([...old.features, ...recent.features]),
    labels: Uint8Array.from([...old.labels, ...recent.labels]),
  };
  const judged = product.visits(judgedBy, breakDaysAgo > 0);
  const losses = DAYS.map((days) => fitted(part(all, (most - days) * VISITS_A_DAY))(judged));
  const groups = Uint32Array.from(judged.labels.keys());
  const weights = new Float64Array(judgedBy).fill(1);
  return DAYS[chooseWindow({ losses, weights, groups, samples: 200, seed }).chosen] ?? 0;
}

function shares(cases: number, changes: Parameters<typeof chosenDays>[1]): Record<number, number> {
  const found = Array.from({ length: cases }, (_, seed) => chosenDays(seed + 1, changes));
  return Object.fromEntries(DAYS.map((days) => [days, found.filter((one) => one === days).length / cases]));
}

describe('the choice of a training window', () => {
  it('is the longest for a product that stays as it is', () => {
    expect(shares(40, {})[84]).toBeGreaterThanOrEqual(0.95);
  });

  it('is a window without the days before a break', () => {
    const after = shares(40, { breakDaysAgo: 21, turned: 0.5 });
    expect((after[21] ?? 0) + (after[7] ?? 0)).toBeGreaterThanOrEqual(0.85);
    expect(after[21]).toBeGreaterThan(after[7] ?? 1);
  });

  it('is rather the longest, the less can be proven: a small change, and few visits', () => {
    const small = { breakDaysAgo: 21, turned: 0.1 };
    const [few = 0, many = 0] = [60, 800].map((judgedBy) => shares(20, { ...small, judgedBy })[84]);
    expect(few).toBeGreaterThan(many);
  });
});

describe('the figures of windows', () => {
  const losses = [Float64Array.of(0.1, 0.5, 0.3, 0.3), Float64Array.of(0.2, 0.6, 0.4, 0.4)];
  const rows = { weights: Float64Array.of(1, 1, 2, 2), groups: Uint32Array.of(0, 1, 2, 3), seed: 1 };

  it('are weighted means, and differences to the longest and to the best on the same draws', () => {
    const { compared, chosen } = chooseWindow({ ...rows, losses });
    expect(compared.map(({ logLoss }) => logLoss.estimate)).toEqual([
      expect.closeTo(0.3, 12),
      expect.closeTo(0.4, 12),
    ]);
    // Each visitor is worse by .1 in the longer window: no draw says anything else.
    expect(compared[0]?.overLongest).toMatchObject({
      estimate: expect.closeTo(-0.1, 12) as number,
      upper95: expect.closeTo(-0.1, 12) as number,
    });
    expect(compared[1]?.overBest.lower95).toBeCloseTo(0.1, 12);
    expect(chosen).toBe(0);
  });

  it('choose the longest of windows with the same losses, and the only one', () => {
    expect(chooseWindow({ ...rows, losses: [losses[0]!, losses[0]!] }).chosen).toBe(1);
    expect(chooseWindow({ ...rows, losses: [losses[1]!] }).chosen).toBe(0);
  });
});
