import { count, cut, duration, figure, instant, percent, printable, secondsBetween } from './format';

describe('figures for people', () => {
  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 m 00 s'],
    [185, '3 m 05 s'],
    [3599.7, '1 h 00 m'],
    [7440, '2 h 04 m'],
    [null, ''],
    [Number.NaN, ''],
  ])('shows %p seconds as %p', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('shows times in UTC, and other text unchanged', () => {
    expect(instant(new Date('2024-04-01T09:30:00.123Z'))).toBe('2024-04-01 09:30:00');
    expect(instant('2024-04-01T09:30:00+02:00')).toBe('2024-04-01 07:30:00');
    expect(instant('soon')).toBe('soon');
    expect(instant(null)).toBe('');
  });

  it('shows unknown values as empty', () => {
    expect([figure(null), figure(Number.NaN), count(undefined), percent('x')]).toEqual(['', '', '', '']);
    expect([figure(0.5), count(1234567), percent(0.0421)]).toEqual(['0.5000', '1,234,567', '4.21 %']);
    expect(secondsBetween(new Date(1_000), null)).toBeNull();
    expect(secondsBetween(new Date(1_000), new Date(2_500))).toBe(1.5);
  });

  it('replaces control characters by visible signs', () => {
    expect(cut('\u001b[2Jgone\u0007\u009b1m', 20)).toBe('\ufffd[2Jgone\ufffd\ufffd1m');
    expect(printable('one\n\ttwo\u0000\r')).toBe('one\n\ttwo\ufffd\ufffd');
  });

  it('cuts a text to the width, on one line', () => {
    expect(cut('one\n two', 20)).toBe('one two');
    expect(cut('abcdef', 4)).toBe('abc…');
  });
});
