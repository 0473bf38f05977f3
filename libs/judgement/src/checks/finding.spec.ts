import { DEFAULT_CHECK_LIMITS, type CheckLimits } from './check-rules';
import { findingsOf, type Checked } from './finding';

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
    const { falseStops, checks } = DEFAULT_CHECK_LIMITS;
    const limits: CheckLimits = {
      falseStops,
      checks: { ...checks, shift: { ...checks.shift, severity: 'off' } },
    };
    const others = Array.from({ length: 99 }, () => check({ p: 0.5 }));
    expect(findingsOf([check({ code: 'rows-low', p: 0.009 }), ...others], limits)).toHaveLength(1);
  });
});
