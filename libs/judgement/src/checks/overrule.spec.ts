import { BadInputsError } from '@factory/domain';
import { CHECK_CODES } from './check-rules';
import type { CheckFinding } from './finding';
import { applyOverrules, requireKnownChecks, stopReason, stopsOf, type Overrule } from './overrule';
import { readFindings } from './stored-findings';

const finding = (code: CheckFinding['code'], more: Partial<CheckFinding> = {}): CheckFinding => ({
  code,
  severity: 'stop',
  figure: 0.5,
  limit: 0.67,
  words: 'It is low.',
  ...more,
});
const overrule = (check: string, column?: string): Overrule => ({
  check,
  column,
  reason: 'the campaign has ended',
  by: 'ann',
});

describe('an overrule', () => {
  it('marks the findings of its check, and lets nothing disappear', () => {
    const found = [finding('rows-low'), finding('goal-rate')];
    const marked = applyOverrules(found, [overrule('rows-low')]);
    expect(marked).toEqual([
      { ...found[0], overruled: { reason: 'the campaign has ended', by: 'ann' } },
      found[1],
    ]);
    expect(stopsOf(marked).map(({ code }) => code)).toEqual(['goal-rate']);
  });

  it('of one column leaves the others', () => {
    const found = [
      finding('shift', { column: 'age' }),
      finding('shift', { column: 'Age' }),
      finding('shift'),
    ];
    const left = (one: Overrule) => stopsOf(applyOverrules(found, [one])).map(({ column }) => column);
    expect(left(overrule('shift', 'age'))).toEqual(['Age', undefined]);
    expect(left(overrule('shift'))).toEqual([]);
    expect(left(overrule('shift', 'other'))).toEqual(['age', 'Age', undefined]);
  });

  it('of a check that does not exist is refused with the list', () => {
    expect(() => requireKnownChecks(CHECK_CODES.map((check) => ({ check })))).not.toThrow();
    expect(() => requireKnownChecks([overrule('shift'), overrule('row-low')])).toThrow(
      new BadInputsError('unknown-check', [
        { field: 'overrule.1.check', value: 'row-low', todo: `use one of ${CHECK_CODES.join(', ')}` },
      ]),
    );
  });
});

describe('the reason of a rejected run', () => {
  it('names at most three codes, each once', () => {
    const of = (...codes: CheckFinding['code'][]) => stopReason(codes.map((code) => finding(code)));
    expect(of()).toBeUndefined();
    expect(of('shift', 'rows-low', 'shift')).toBe('shift, rows-low');
    expect(of('shift', 'rows-low', 'day-low', 'goal-rate', 'goal-outage')).toBe(
      'shift, rows-low, day-low and 2 more',
    );
  });

  it('is none for warnings, and for what is overruled', () => {
    expect(stopReason([finding('shift-small', { severity: 'warn' })])).toBeUndefined();
    expect(stopReason(applyOverrules([finding('shift')], [overrule('shift')]))).toBeUndefined();
  });
});

describe('stored findings', () => {
  it('are read back as they were, with codes of later releases, and without what is none', () => {
    const found = applyOverrules(
      [finding('shift', { column: 'age', chance: 1e-9 }), finding('rows-low')],
      [overrule('shift')],
    );
    const stored = [...found, { ...found[1], code: 'of-a-later-release' }];
    expect(readFindings(JSON.parse(JSON.stringify([...stored, { code: 'shift' }, null, 7])))).toEqual(stored);
    expect(readFindings(undefined)).toEqual([]);
  });
});
