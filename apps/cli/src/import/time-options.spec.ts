import { timeRuleOf, type TimeOptions } from './time-options';

describe('the options for the time of rows', () => {
  it.each<[TimeOptions, unknown]>([
    [{ time: false }, { none: true }],
    [{ timeColumn: 't' }, { column: 't' }],
    [
      { timeColumn: 't', timeFormat: 'yyyyMMdd', timeZone: 'UTC' },
      { column: 't', format: 'yyyyMMdd', zone: 'UTC' },
    ],
    [
      { monthColumn: 'm', startYear: 2020 },
      { monthColumn: 'm', startYear: 2020, rowOrder: false },
    ],
    [
      { monthColumn: 'm', dayColumn: 'd', startYear: 2020, rowOrder: true },
      { monthColumn: 'm', dayColumn: 'd', startYear: 2020, rowOrder: true },
    ],
    [
      { monthColumn: 'm', yearColumn: 'y' },
      { monthColumn: 'm', yearColumn: 'y' },
    ],
    [
      { monthColumn: 'm', yearColumn: 'y', dayColumn: 'd' },
      { monthColumn: 'm', yearColumn: 'y', dayColumn: 'd' },
    ],
  ])('%j', (options, rule) => {
    expect(timeRuleOf(options)).toEqual(rule);
  });

  it.each<[TimeOptions, string, RegExp]>([
    [{}, 'missing-time', /--no-time/],
    [{ dayColumn: 'd' }, 'missing-time', /--month-column/],
    [{ yearColumn: 'y' }, 'missing-month', /--year-column/],
    [{ monthColumn: 'm' }, 'missing-year', /--year-column/],
    [{ monthColumn: 'm', yearColumn: 'y', startYear: 2020 }, 'two-years', /--start-year/],
    [{ monthColumn: 'm', yearColumn: 'y', rowOrder: true }, 'two-years', /--row-order/],
    [{ timeColumn: 't', monthColumn: 'm' }, 'two-times', /--time-column/],
    [{ timeColumn: 't', yearColumn: 'y' }, 'two-times', /--time-column/],
    [{ time: false, timeColumn: 't' }, 'two-times', /--no-time/],
    [{ time: false, monthColumn: 'm', startYear: 2020 }, 'two-times', /--no-time/],
  ])('%j is refused: %s', (options, code, says) => {
    expect(() => timeRuleOf(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(says) as string }),
    );
  });
});
