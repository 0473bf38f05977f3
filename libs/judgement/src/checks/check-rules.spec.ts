import { BadInputsError } from '@factory/domain';
import { parse } from 'yaml';
import { CHECK_CODES, CHECK_RULES, DEFAULT_CHECK_LIMITS, completeCheckLimits } from './check-rules';
import { findingsOf, type Checked } from './finding';

function faultsOf(changes: unknown): string[] {
  try {
    completeCheckLimits(changes);
  } catch (thrown) {
    if (thrown instanceof BadInputsError) return thrown.refusals.map(({ field }) => field);
    throw thrown;
  }
  return [];
}

describe('limits of the checks', () => {
  it('are the defaults where nothing is said', () => {
    const limits = completeCheckLimits(undefined);
    expect(limits.falseStops).toBe(DEFAULT_CHECK_LIMITS.falseStops);
    for (const code of CHECK_CODES)
      expect(limits.checks[code]).toEqual({
        severity: CHECK_RULES[code].severity,
        limit: CHECK_RULES[code].limit,
      });
  });

  it('are changed one by one', () => {
    const limits = completeCheckLimits(
      parse('falseStops: 0.001\nchecks: {shift: {severity: warn, limit: 0.7}}'),
    );
    expect(limits.falseStops).toBe(0.001);
    expect(limits.checks.shift).toEqual({ severity: 'warn', limit: 0.7 });
    expect(limits.checks['rows-low']).toMatchObject({ severity: 'stop', limit: 0.67 });
  });

  it.each([
    ['checks: {shift: {limit: much}}', ['checks.shift.limit']],
    ['checks: {shift: {severity: ignore}}', ['checks.shift.severity']],
    ['falseStops: 2', ['falseStops']],
    ['other: 1', ['other']],
    ['checks: {no-such: {limit: 1}}', ['checks.no-such']],
  ])('refuse %s, naming the field', (text, fields) => {
    expect(faultsOf(parse(text))).toEqual(fields);
  });
});

describe('findings', () => {
  const check = (more: Partial<Checked>): Checked => ({
    code: 'shift',
    figure: 1,
    isBeyond: true,
    words: '',
    ...more,
  });

  it('need an effect, and a chance that is small among all tests', () => {
    const quiet = Array.from({ length: 99 }, () => check({ isBeyond: false, p: 0.5 }));
    expect(findingsOf([check({ p: 0.00009 }), ...quiet], DEFAULT_CHECK_LIMITS)).toHaveLength(1);
    expect(findingsOf([check({ p: 0.00011 }), ...quiet], DEFAULT_CHECK_LIMITS)).toEqual([]);
    expect(findingsOf([check({ p: 0.00009, isBeyond: false }), ...quiet], DEFAULT_CHECK_LIMITS)).toEqual([]);
  });

  it('of checks that are no tests need the effect only', () => {
    const [found] = findingsOf([check({ code: 'column-lost', column: 'x' })], DEFAULT_CHECK_LIMITS);
    expect(found).toEqual({
      code: 'column-lost',
      severity: 'stop',
      figure: 1,
      limit: 0,
      column: 'x',
      words: '',
    });
  });

  it('are none of checks that are off, which are not counted as tests either', () => {
    const limits = completeCheckLimits({ checks: { shift: { severity: 'off' } } });
    const others = Array.from({ length: 99 }, () => check({ p: 0.5 }));
    expect(findingsOf([check({ code: 'rows-low', p: 0.009 }), ...others], limits)).toHaveLength(1);
  });
});
