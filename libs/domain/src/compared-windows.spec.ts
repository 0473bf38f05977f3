import { windowsToCompare } from './compared-windows';
import { findDates } from './find-dates';

const DAY_MS = 86_400_000;
const end = new Date('2023-04-01T00:00:00Z');

function found(salesOfDay: (back: number) => number, days: number, thresholds = [{ days: 14, sales: 100 }]) {
  const sales = Array.from({ length: days }, (_, back) => salesOfDay(back));
  return findDates(new Date(end.getTime() - days * DAY_MS), end, sales, thresholds);
}
const daysOf = (compared: ReturnType<typeof windowsToCompare>) =>
  compared && [...compared.shorter, compared.longest].map(({ days }) => days);

describe('windows to compare', () => {
  it('are the whole range, the choice by volume, and others spread by the ratio of their lengths', () => {
    const compared = windowsToCompare(
      found(() => 100, 364),
      4,
      500,
    );
    // 7, 19, 51 and 138 days would be even; 21 is what the volume chooses.
    expect(daysOf(compared)).toEqual([7, 21, 98, 364]);
    expect(compared?.byVolume).toEqual(new Date(end.getTime() - 21 * DAY_MS));
  });

  it('name the whole range if that is what the volume chooses', () => {
    const compared = windowsToCompare(
      found(() => 100, 90, []),
      4,
      2_000,
    );
    expect(daysOf(compared)?.at(-1)).toBe(90);
    expect(daysOf(compared)?.[0]).toBe(21);
    expect(daysOf(compared)).toHaveLength(4);
    expect(compared?.byVolume).toEqual(new Date(end.getTime() - 90 * DAY_MS));
  });

  it('are all candidates with enough sales if there are few', () => {
    expect(
      daysOf(
        windowsToCompare(
          found(() => 100, 30, []),
          12,
          500,
        ),
      ),
    ).toEqual([7, 14, 21, 28, 30]);
  });

  it('hold the least number of sales each, and fewer than the whole range', () => {
    const early = found((back) => (back < 20 ? 100 : 0), 90, []);
    expect(daysOf(windowsToCompare(early, 12, 800))).toEqual([14, 90]);
    expect(windowsToCompare(early, 12, 2_000)).toBeUndefined();
    expect(
      windowsToCompare(
        found(() => 0, 90, []),
        4,
        500,
      ),
    ).toBeUndefined();
    expect(
      windowsToCompare(
        found(() => 1_000, 7, []),
        4,
        500,
      ),
    ).toBeUndefined();
  });

  it('never hold one twice, whatever the numbers', () => {
    for (let days = 8; days < 400; days += 13)
      for (const most of [2, 3, 4, 12]) {
        const shown = daysOf(
          windowsToCompare(
            found(() => 60, days),
            most,
            100,
          ),
        );
        expect(shown?.length).toBeLessThanOrEqual(most);
        expect(new Set(shown).size).toBe(shown?.length);
        expect(shown).toEqual([...(shown ?? [])].sort((a, b) => a - b));
      }
  });
});
