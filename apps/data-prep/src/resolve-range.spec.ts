import { BadInputError } from '@factory/domain';
import { latestCut, resolveRange, startOfRange, type RangeRequest } from './resolve-range';

const now = new Date('2023-04-10T12:34:56Z');
const resolve = (request: Partial<RangeRequest>) =>
  resolveRange({ timeZone: 'UTC', horizonDays: 0, now, ...request });
const endOf = (request: Partial<RangeRequest>) => resolve(request).end.toISOString();

describe('the end of a range', () => {
  test.each([
    ['2023-03-31 23:59:59', '2023-04-01T00:00:00.000Z'],
    ['2023-03-31T23:59:59Z', '2023-04-01T00:00:00.000Z'],
    ['2023-03-31 23:59:59.999', '2023-04-01T00:00:00.000Z'],
    ['2023-03-31 12:00:00', '2023-03-31T12:00:01.000Z'],
    ['2023-03-31', '2023-04-01T00:00:00.000Z'],
  ])('%s is inclusive to the second, half-open inside', (endDate, expected) => {
    expect(endOf({ endDate })).toBe(expected);
  });

  test.each([
    ['UTC', '2023-04-10T00:00:00.000Z'],
    ['Europe/Berlin', '2023-04-09T22:00:00.000Z'],
    ['America/New_York', '2023-04-10T04:00:00.000Z'],
  ])('none given: the last midnight in %s', (timeZone, expected) => {
    expect(endOf({ timeZone })).toBe(expected);
  });

  it('follows the zone through a change of clocks', () => {
    const winter = new Date('2023-03-26T12:00:00Z');
    expect(endOf({ timeZone: 'Europe/Berlin', now: winter })).toBe('2023-03-25T23:00:00.000Z');
  });

  test.each([
    [undefined, '2023-04-03T12:34:56.000Z'],
    ['2023-04-08', '2023-04-03T12:34:56.000Z'],
    ['2023-03-31', '2023-04-01T00:00:00.000Z'],
    ['2030-01-01', '2023-04-03T12:34:56.000Z'],
  ])('%s is limited by a horizon of 7 days, so that late goals have arrived', (endDate, expected) => {
    expect(endOf({ endDate, horizonDays: 7 })).toBe(expected);
  });

  test.each([
    [undefined, 0, '2023-04-10T00:00:00.000Z'],
    [undefined, 7, '2023-04-03T12:29:56.000Z'],
    ['2023-04-10', 0, '2023-04-10T12:29:56.000Z'],
    ['2023-03-31', 0, '2023-04-01T00:00:00.000Z'],
  ])(
    '%s, read 300 s into a visit, with a horizon of %i days: visits can be labelled',
    (endDate, horizonDays, expected) => {
      expect(endOf({ endDate, horizonDays, observeSeconds: 300 })).toBe(expected);
    },
  );

  it('is never in the future', () => {
    expect(endOf({ endDate: '2023-04-10' })).toBe(now.toISOString());
  });
});

describe('the latest cut', () => {
  test.each([
    [0, '2023-04-10T12:34:56.000Z'],
    [7, '2023-04-03T12:34:56.000Z'],
    [0.5, '2023-04-10T00:34:56.000Z'],
  ])('with a horizon of %d days is %s', (horizonDays, expected) => {
    expect(latestCut(now, horizonDays).toISOString()).toBe(expected);
  });
});

describe('the start of a range', () => {
  it('is the given time, UTC', () => {
    expect(resolve({ startDate: '2023-01-01 06:00:00' }).start?.toISOString()).toBe(
      '2023-01-01T06:00:00.000Z',
    );
  });

  it('is 90 days before the end when none is given', () => {
    const range = resolve({ endDate: '2023-03-31' });
    expect(range.start).toBeUndefined();
    expect(startOfRange(range, { rangeDays: 90 }).toISOString()).toBe('2023-01-01T00:00:00.000Z');
  });
});

describe('refusals', () => {
  test.each([
    [{ startDate: '2023-03-31', endDate: '2023-03-01' }, 'end-before-start', 'endDate'],
    [{ startDate: '2023-04-10' }, 'end-before-start', 'startDate'],
    [{ startDate: '2023-02-30' }, 'invalid-date', 'startDate'],
    [{ endDate: 'yesterday' }, 'invalid-date', 'endDate'],
    [{ endDate: '2023-03-31 25:00:00' }, 'invalid-date', 'endDate'],
  ])('%j: %s names the field %s and its value', (request: Partial<RangeRequest>, code, field) => {
    const refused = caught(() => resolve(request));
    expect(refused.code).toBe(code);
    expect(refused.refusal).toMatchObject({ field, value: request[field as 'startDate' | 'endDate'] });
  });
});

function caught(work: () => unknown): BadInputError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof BadInputError) return thrown;
  }
  throw new Error('nothing was refused');
}
