import { HALVES, MARKS, type Half, type Mark } from '@factory/domain';
import { decisionRows, judgingRows, outOfTimeRows, type ChampionTimes } from './judging-rows';

const DAY_MS = 86_400_000;
/** `count` rows of a part, one a day from `firstDay`, of which the first `goals` are goals. */
interface Rows {
  readonly mark: Mark;
  readonly count: number;
  readonly goals: number;
  readonly firstDay?: number;
  readonly half?: Half;
}

function datasetOf(...parts: readonly Rows[]) {
  const rows = parts.flatMap(({ mark, count, goals, firstDay = 0, half = 'b' }) =>
    Array.from({ length: count }, (_, at) => ({
      mark: MARKS.indexOf(mark),
      label: Number(at < goals),
      time: (firstDay + at) * DAY_MS,
      half: HALVES.indexOf(half),
    })),
  );
  return {
    rows: rows.length,
    marks: Uint8Array.from(rows, (row) => row.mark),
    labels: Uint8Array.from(rows, (row) => row.label),
    visitTimes: Float64Array.from(rows, (row) => row.time),
    halves: Uint8Array.from(rows, (row) => row.half),
  };
}

/** @param end first day after the champion's data */
const days = (start: number, trainEnd: number, end = trainEnd): ChampionTimes => ({
  learned: [{ fromMs: start * DAY_MS, toMs: trainEnd * DAY_MS }],
  endMs: end * DAY_MS,
});
const train: Rows = { mark: 'train', count: 10, goals: 5 };
const validation: Rows = { mark: 'validation', count: 10, goals: 5 };
const test_: Rows = { mark: 'test', count: 40, goals: 12 };
/** Days 100 to 349, goals on the first of them. */
const outOfTime = (goals: number): Rows => ({ mark: 'out-of-time', count: 250, goals, firstDay: 100 });

describe('the rows that a verdict is based on', () => {
  test.each([
    ['out-of-time rows with exactly enough goals', 100, 'out-of-time', 250, 100],
    ['out-of-time rows with more', 101, 'out-of-time', 250, 101],
    ['test rows if one goal is missing', 99, 'test', 40, 12],
    ['test rows if there is no out-of-time goal', 0, 'test', 40, 12],
  ])('are %s', (_rule, goals, part, rows, counted) => {
    const judging = judgingRows(datasetOf(train, test_, outOfTime(goals), validation), 100);
    expect({ ...judging, rows: judging.rows.length }).toEqual({
      part,
      rows,
      goals: counted,
      leftOut: 0,
      reused: false,
      reason: `out-of-time holds ${goals} goals, ${goals >= 100 ? 'at least' : 'fewer than'} 100`,
    });
  });

  it('are the rows of that part and no others, ascending', () => {
    const dataset = datasetOf(train, test_, outOfTime(100), validation);
    expect([...judgingRows(dataset, 100).rows]).toEqual(Array.from({ length: 250 }, (_, at) => 50 + at));
    expect([...judgingRows(dataset, 101).rows]).toEqual(Array.from({ length: 40 }, (_, at) => 10 + at));
  });

  it('are test rows when there is no out-of-time part', () => {
    expect(judgingRows(datasetOf(train, test_), 1)).toMatchObject({ part: 'test', goals: 12, leftOut: 0 });
  });

  it('may be none, with no goal', () => {
    const judging = judgingRows(datasetOf(train), 1);
    expect(judging).toMatchObject({ part: 'test', goals: 0, leftOut: 0 });
    expect(judging.rows).toHaveLength(0);
  });

  describe('by halves', () => {
    const half = (of: Half, goals: number): Rows => ({ ...outOfTime(goals), count: 100, half: of });
    const halved = datasetOf(train, half('a', 60), test_, half('b', 70));

    it('are those of half b, where half a was decided on', () => {
      const judging = judgingRows(halved, 70, undefined, 'b');
      expect(judging).toMatchObject({ part: 'out-of-time', half: 'b', goals: 70, leftOut: 0 });
      expect(judging.reason).toBe('half b of out-of-time holds 70 goals, at least 70');
      expect([...judging.rows]).toEqual(Array.from({ length: 100 }, (_, at) => 150 + at));
      expect(judgingRows(halved, 71, undefined, 'b')).toMatchObject({ part: 'test', goals: 12 });
    });

    it('are both where nothing was decided, and decisions are made on half a', () => {
      expect(judgingRows(halved, 130)).toMatchObject({ part: 'out-of-time', goals: 130 });
      expect(judgingRows(halved, 130)).not.toHaveProperty('half');
      expect([...outOfTimeRows(halved, 'a')]).toEqual(Array.from({ length: 100 }, (_, at) => 10 + at));
      expect(outOfTimeRows(halved)).toHaveLength(200);
    });

    it('leave out half a of the days that the champion was repaired on, and keep half b', () => {
      const repaired = { fromMs: 110 * DAY_MS, toMs: 120 * DAY_MS, half: 'a' as const };
      const champion = { learned: [repaired], endMs: 100 * DAY_MS };
      expect(judgingRows(halved, 1, champion)).toMatchObject({ goals: 120, leftOut: 10 });
      expect(judgingRows(halved, 1, champion, 'b')).toMatchObject({ goals: 70, leftOut: 0 });
    });

    it.each([
      ['all out-of-time goals', { all: 130, halfA: 60 }, 70, true],
      ['one goal fewer than are needed', { all: 131, halfA: 0 }, 70, false],
      ['one goal fewer in half a', { all: 0, halfA: 61 }, 70, false],
      ['one goal fewer in half b than judging needs', { all: 0, halfA: 0 }, 71, false],
    ])('are those of half b only if half a can be decided on: %s', (_case, least, toJudge, decides) => {
      const { decideOn, judging } = decisionRows(halved, least, toJudge);
      expect(decideOn).toEqual(decides ? outOfTimeRows(halved, 'a') : null);
      expect(judging).toEqual(judgingRows(halved, toJudge, undefined, decides ? 'b' : undefined));
    });

    it('are all b in a dataset from before there were halves', () => {
      const { rows, marks, labels, visitTimes } = halved;
      const older = { rows, marks, labels, visitTimes };
      expect(outOfTimeRows(older, 'a')).toHaveLength(0);
      expect(decisionRows(older, { all: 1, halfA: 0 }, 1).decideOn).toBeNull();
      expect(judgingRows(older, 1, undefined, 'b').rows).toHaveLength(200);
    });
  });

  describe('with a champion', () => {
    const enough = datasetOf(train, test_, outOfTime(150));

    it('leave out the out-of-time rows inside its window', () => {
      const judging = judgingRows(enough, 100, days(90, 130));
      expect(judging).toMatchObject({ part: 'out-of-time', leftOut: 30, goals: 120 });
      expect([...judging.rows]).toEqual(Array.from({ length: 220 }, (_, at) => 80 + at));
    });

    it('keep the rows before its window', () => {
      const judging = judgingRows(enough, 100, days(340, 350));
      expect(judging).toMatchObject({ part: 'out-of-time', leftOut: 10, goals: 150, reused: true });
    });

    it('are test rows when too few goals are left, and the rows left out are still counted', () => {
      const judging = judgingRows(enough, 100, days(90, 151));
      expect(judging).toMatchObject({ part: 'test', goals: 12, leftOut: 51 });
      expect(judging.reason).toBe(
        'out-of-time holds 99 goals, fewer than 100; 40 of the test rows judged the champion before',
      );
    });

    it('are the out-of-time rows after its data if those hold enough goals, and then they are not reused', () => {
      const judging = judgingRows(enough, 100, days(0, 100, 150));
      expect([...judging.rows]).toEqual(Array.from({ length: 200 }, (_, at) => 100 + at));
      expect(judging).toMatchObject({ part: 'out-of-time', goals: 100, leftOut: 0, reused: false });
      expect(judging.reason).toBe(
        "out-of-time after the champion's data holds 100 goals, at least 100; " +
          '50 rows before that judged it already and are passed over',
      );
    });

    it('are all out-of-time rows that it did not learn from if one goal is missing there: reused', () => {
      const judging = judgingRows(enough, 100, days(0, 100, 151));
      expect(judging).toMatchObject({ part: 'out-of-time', goals: 150, leftOut: 0, reused: true });
      expect(judging.rows).toHaveLength(250);
      expect(judging.reason).toBe(
        'out-of-time holds 150 goals, at least 100; 51 of the rows judged the champion before, ' +
          'and those after its data hold only 99 goals',
      );
    });

    it('leave out what its anchor learned from as well', () => {
      const { learned, endMs } = days(0, 100, 100);
      const both = { learned: [...learned, ...days(100, 110).learned], endMs };
      expect(judgingRows(enough, 100, both)).toMatchObject({ leftOut: 10, goals: 140, reused: false });
    });

    it('are test rows that did not judge it, where its data end before them', () => {
      const late = datasetOf(train, { ...test_, firstDay: 60 });
      expect(judgingRows(late, 1, days(0, 40, 60))).toMatchObject({ part: 'test', reused: false });
      expect(judgingRows(late, 1, days(0, 40, 61))).toMatchObject({
        part: 'test',
        reused: true,
        reason: 'there are no out-of-time rows; 1 of the test rows judged the champion before',
      });
    });

    it('are all test rows, although they are in its window: no champion learned from their visitors', () => {
      const judging = judgingRows(datasetOf(train, test_), 1, days(0, 1_000));
      expect(judging.rows).toHaveLength(40);
      expect(judging.reused).toBe(true);
    });
  });
});
