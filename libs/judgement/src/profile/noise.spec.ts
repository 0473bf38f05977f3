import { Random } from '@factory/simulator';
import { traceOf } from './noise';
import { passesOf } from './profile-batch';
import { profileDataset } from './profile-dataset';
import { numbers, specDataset } from './spec-batches';

const ROWS = 6720;
/** 24 a day, four weeks of seventy days. */
const random = new Random(11, 'noise');

function noiseFor(values: readonly number[], visitorIds: readonly string[]) {
  const { columns } = profileDataset(passesOf(specDataset([numbers('x', values)], { visitorIds })));
  const { shares, noise } = columns[0]!.bins;
  // In units of what independent rows would have: (bins - 1) / rows, of bins that hold something.
  const independent = (shares.filter((share) => share > 0).length - 1) / ROWS;
  return { ...noise, effect: traceOf(noise.visitors, shares) / independent, shares, independent };
}

const alone = Array.from({ length: ROWS }, (_, row) => `v${row}`);

describe('the noise of shares', () => {
  it('is that of independent rows where visitors come once and days are alike', () => {
    const found = noiseFor(
      alone.map(() => random.normal()),
      alone,
    );
    expect(found.effect).toBeGreaterThan(0.85);
    expect(found.effect).toBeLessThan(1.15);
    expect(found.visitorsDf).toBeGreaterThan(7);
    // A day's own variance, in units of the variance that 24 independent rows have.
    expect(traceOf(found.days, found.shares) / (found.independent * 280)).toBeLessThan(0.5);
  });

  it('is four times as large where visitors come four times and stay as they are', () => {
    const lasting = Array.from({ length: ROWS / 4 }, () => random.normal());
    // Visits of a visitor are 70 days apart.
    const found = noiseFor(
      alone.map((_, row) => lasting[row % lasting.length]!),
      alone.map((_, row) => `v${row % lasting.length}`),
    );
    expect(found.effect).toBeGreaterThan(3.3);
    expect(found.effect).toBeLessThan(4.7);
  });

  it('knows what days do by themselves, of which visitors know nothing', () => {
    const moods = Array.from({ length: 280 }, () => random.normal());
    const found = noiseFor(
      alone.map((_, row) => moods[Math.floor(row / 24)]! + random.normal()),
      alone,
    );
    expect(found.effect).toBeLessThan(1.2);
    // Two rows of a day correlate by .5, so their indicators of deciles by (.5 + .25 + .125 + ...) / 9 = .11 on average
    // (Lancaster 1958), a little less by what bins lose: 24 rows of a day have up to 24 x .11 times the variance.
    const ofDay = traceOf(found.days, found.shares) / (found.independent * 280);
    expect(ofDay).toBeGreaterThan(2);
    expect(ofDay).toBeLessThan(2.9);
    expect(found.daysEstimateDf).toBeGreaterThan(30);
  });

  it('takes the rhythm of the week for no noise', () => {
    const found = noiseFor(
      alone.map((_, row) => (Math.floor(row / 24) % 7) + 0.1 * random.normal()),
      alone,
    );
    expect(traceOf(found.days, found.shares) / (found.independent * 280)).toBeLessThan(0.5);
  });

  it('says nothing of days where there are fewer than two weeks', () => {
    const found = profileDataset(passesOf(specDataset([numbers('x', [1, 2, 3, 4])])));
    expect(found.columns[0]!.bins.noise.days).toEqual([]);
  });
});
