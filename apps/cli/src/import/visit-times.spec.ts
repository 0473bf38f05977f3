import fc from 'fast-check';
import type { TimeRule } from './import-options';
import { timeProfile } from './visit-times';

/** The times that a rule gives the rows, after a first pass as in the import. */
function timesOf(rule: TimeRule, header: string[], rows: string[][]): string[] {
  const profile = timeProfile(rule, header, 'salt');
  const csv = rows.map((values, at) => ({ number: at + 1, values }));
  for (const row of csv) profile.look(row);
  const times = profile.reader();
  return csv.map((row) => new Date(times.of(row, `id-${row.number}`)).toISOString().slice(0, 19));
}

const inColumn = (values: string[], rule: object = {}) =>
  timesOf(
    { column: 't', ...rule },
    ['t'],
    values.map((value) => [value]),
  );

describe('times from one column', () => {
  it.each([
    ['2024-02-29', '2024-02-29T00:00:00'],
    ['2024-02-29 23:59:59.9', '2024-02-29T23:59:59'],
    ['2024-02-29T10:00', '2024-02-29T10:00:00'],
    ['2024-02-29T10:00:00+02:00', '2024-02-29T08:00:00'],
    ['29.2.2024 7:05', '2024-02-29T07:05:00'],
    ['1709164800', '2024-02-29T00:00:00'],
    ['1709164800123', '2024-02-29T00:00:00'],
  ])('finds the format of %p', (text, expected) => {
    expect(inColumn([text])).toEqual([expected]);
  });

  it('distinguishes day and month by a row with a number above 12', () => {
    expect(inColumn(['01/02/2024', '01/13/2024'])).toEqual(['2024-01-02T00:00:00', '2024-01-13T00:00:00']);
  });

  it('asks for the format if no row distinguishes them', () => {
    expect(() => inColumn(['01/02/2024'])).toThrow(/'d\/M\/yyyy' or 'M\/d\/yyyy'/);
  });

  it('accepts a given format and zone', () => {
    const rule = { format: 'yyyyMMdd HHmm', zone: 'Europe/Berlin' };
    expect(inColumn(['20240701 0030'], rule)).toEqual(['2024-06-30T22:30:00']);
    expect(() => inColumn(['2024-07-01'], rule)).toThrow(/row 1.*yyyyMMdd/);
    expect(() => inColumn(['20240701 0030'], { zone: 'Mars' })).toThrow(/IANA/);
  });

  it.each(['2023-02-29', '2024-01-01 24:61', 'yesterday', ''])(
    'refuses %p with the number of its row',
    (text) => {
      expect(() => inColumn(['2024-01-01', text])).toThrow(
        expect.objectContaining({
          code: 'bad-time',
          refusal: expect.objectContaining({ field: 't, row 2' }),
        }),
      );
    },
  );
});

describe('a time without a date, or with a year out of range', () => {
  it.each<[string, RegExp]>([
    ...(['12:00', '12:00:30', '7:05', 'T12:00', '12:00Z', '12:00:00.5', '11:59 PM'] as const).map(
      (text): [string, RegExp] => [text, /it has no date/],
    ),
    ['12', /correct it/],
    ...(
      [
        ...['0000-01-01', '0024-02-29', '0070-05-05', '0099-12-31 10:00', '1969-12-31', '2201-01-02'],
        ...['9999-12-31', '0001-01-01T00:00:00Z', '31.12.1899', '1/13/0024', '9999999999', '9999999999999'],
        ...['+012024-01-01', '2200-12-31T23:30:00-02:00', '1970-01-01T00:30:00+01:00'],
      ] as const
    ).map((text): [string, RegExp] => [text, /its year is not from 1970 to 2200/]),
  ])('%j is refused with its row number', (text, why) => {
    for (const rule of [{}, { zone: 'Europe/Berlin' }]) {
      expect(() => inColumn(['2024-01-01', text], rule)).toThrow(
        expect.objectContaining({
          code: 'bad-time',
          refusal: expect.objectContaining({ field: 't, row 2', todo: expect.stringMatching(why) as string }),
        }),
      );
    }
  });

  it.each(['1970-01-01', '2200-12-31 23:59:59', '2024-05', '1970-01-01T00:00:00Z', '31.12.2200'])(
    '%j is read',
    (text) => expect(inColumn([text])).toHaveLength(1),
  );

  it.each([
    ['HH:mm', 'year, month, day'],
    ['h:mm a', 'year, month, day'],
    ["HH 'yMd' mm", 'year, month, day'],
    ['T', 'year, month, day'],
    ['dd.MM.', 'year'],
    ['dd.MM. HH:mm', 'year'],
    ['MMM d', 'year'],
    ['MM', 'year'],
    ['d', 'year, month'],
    ['yyyy d', 'month'],
    ['yyyy HH:mm', 'month, day'],
    ['yyyy-MM HH:mm', 'day'],
    ['EEEE HH:mm', 'year, month'],
    ['o HH', 'year'],
  ])('the format %j has no %s', (format, lacking) => {
    expect(() => inColumn(['1'], { format })).toThrow(
      expect.objectContaining({
        code: 'bad-time',
        refusal: expect.objectContaining({
          field: 'time-format',
          todo: expect.stringContaining(`has no ${lacking}:`) as string,
        }),
      }),
    );
  });

  it.each([
    ['yyyyMMdd HHmm', '20240229 1200', '2024-02-29T12:00:00'],
    ['d.M.yy', '29.2.24', '2024-02-29T00:00:00'],
    ['yyyy-MM', '2024-02', '2024-02-01T00:00:00'],
    ['yyyy-ooo', '2024-060', '2024-02-29T00:00:00'],
    ["kkkk-'W'WW-E", '2024-W09-4', '2024-02-29T00:00:00'],
    ['D', '2/29/2024', '2024-02-29T00:00:00'],
    ['LLL d yyyy, h:mm a', 'Feb 29 2024, 1:05 PM', '2024-02-29T13:05:00'],
  ])('the format %j has a complete date', (format, text, expected) => {
    expect(inColumn([text], { format })).toEqual([expected]);
  });

  it.each(['31.12.2024', '2024/1/2', '1709164800', '1/13/2024 10:00'])(
    '%j among times of another format is not reported as one of them',
    (text) => {
      expect(() => inColumn(['2024-01-01', text])).toThrow(
        /t, row 2 = .*: correct it, or give --time-format/,
      );
    },
  );

  it('is refused with a given format too', () => {
    expect(() => inColumn(['01.01.1969'], { format: 'dd.MM.yyyy' })).toThrow(/row 1.*its year is not/);
    expect(() => inColumn(['01.01.0024'], { format: 'dd.MM.yyyy' })).toThrow(/row 1.*its year is not/);
  });

  it('cannot result from rows in chronological order either', () => {
    const rule = { monthColumn: 'm', startYear: 2199, rowOrder: true };
    const rows = ['2', '1', '12', '3'].map((month) => [month]);
    expect(() => timesOf(rule, ['m'], rows)).toThrow(/m, row 4.*2201/);
  });
});

describe('times from month and day columns', () => {
  const header = ['day', 'month'];
  const ordered = { monthColumn: 'month', dayColumn: 'day', startYear: 2008, rowOrder: true };

  it('takes the year from the order of the rows', () => {
    const rows = [
      ['5', 'may'],
      ['31', 'dec'],
      ['1', 'jan'],
      ['29', 'Jun'],
      ['2', 'feb'],
    ];
    expect(timesOf(ordered, header, rows).map((time) => time.slice(0, 10))).toEqual([
      '2008-05-05',
      '2008-12-31',
      '2009-01-01',
      '2009-06-29',
      '2010-02-02',
    ]);
  });

  it('refuses a day that its month does not have', () => {
    expect(() =>
      timesOf(ordered, header, [
        ['29', 'feb'],
        ['5', 'jan'],
        ['29', 'feb'],
      ]),
    ).toThrow(/row 3.*28/);
  });

  it('refuses a value that is not a month', () => {
    expect(() => timesOf(ordered, header, [['1', 'Foo']])).toThrow(/month, row 1 = "Foo"/);
  });

  it('keeps every row in the start year if the rows are not in chronological order', () => {
    const rule = { monthColumn: 'month', startYear: 2017 };
    const times = timesOf(rule, header, [
      ['', 'Nov'],
      ['', 'Feb'],
    ]);
    expect(times.map((time) => time.slice(0, 7))).toEqual(['2017-11', '2017-02']);
  });

  it('spreads rows without a day evenly over the days of their month, always the same way', () => {
    const rule = { monthColumn: 'month', startYear: 2017 };
    const rows = Array.from({ length: 2_800 }, () => ['', 'Feb']);
    const times = timesOf(rule, header, rows);
    expect(timesOf(rule, header, rows)).toEqual(times);
    const counts = new Map<string, number>();
    for (const time of times) counts.set(time, (counts.get(time) ?? 0) + 1);
    expect(counts.size).toBe(28);
    // 100 a day, five standard deviations of a binomial.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
  });

  it('never leaves the month', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1970, max: 2200 }),
        (month, startYear) => {
          const [time] = timesOf({ monthColumn: 'month', startYear }, header, [['', String(month)]]);
          expect(time!.slice(0, 7)).toBe(`${startYear}-${String(month).padStart(2, '0')}`);
        },
      ),
    );
  });

  it('names the columns of the file where one is missing', () => {
    expect(() => timesOf({ monthColumn: 'Monat', startYear: 2017 }, header, [])).toThrow(/day, month/);
  });
});
