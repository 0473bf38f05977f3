import { DEFAULT_POLICY, type Policy } from '@factory/domain';
import { chooseWindows } from './choose-windows';

const DAY_MS = 86_400_000;
const trainEnd = new Date('2023-04-01T00:00:00Z');
const minStart = new Date(trainEnd.getTime() - 90 * DAY_MS);

function choose(compare: number | undefined, changes: Partial<Policy> = {}, perDay = 300, noTime = false) {
  const salesByDayBack = new Array<number>(90).fill(perDay);
  const policy = { ...DEFAULT_POLICY, ...changes };
  return chooseWindows({ minStart, trainEnd, salesByDayBack, policy, noTime, compare });
}

describe('the windows of a run', () => {
  it('are one, by volume, when nobody asks for more', () => {
    expect(choose(undefined)).toMatchObject({ window: { days: 35 }, windowReason: 'volume' });
    expect(choose(undefined)).not.toHaveProperty('compared');
  });

  it('are the whole range and shorter ones, among them the choice by volume', () => {
    const { window, compared, windowReason } = choose(4);
    expect(window).toMatchObject({ start: minStart, end: trainEnd, days: 90, sales: 27_000 });
    expect(compared?.shorter.map(({ days }) => days)).toContain(35);
    expect(compared?.byVolume).toEqual(new Date(trainEnd.getTime() - 35 * DAY_MS));
    expect(windowReason).toBeUndefined();
  });

  it('are one, by volume, where a comparison would mean nothing, and the reason is kept', () => {
    const byVolume = { window: { days: 35 }, windowReason: 'volume' };
    expect(choose(4, { outOfTimeDays: 0 })).toMatchObject({ ...byVolume, notCompared: 'no-out-of-time' });
    expect(choose(4, { detrend: true })).toMatchObject({ ...byVolume, notCompared: 'detrended' });
    expect(choose(4, {}, 300, true)).toMatchObject({ window: { days: 90 }, notCompared: 'no-times' });
    expect(choose(4, {}, 1)).toMatchObject({ window: { days: 90 }, notCompared: 'one-window' });
  });
});
