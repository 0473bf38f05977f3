import { outageChecks, outageFigures } from './outage-checks.mjs';
import { outagesOfFaults, watchOfFaults } from './planted-faults.mjs';
import { reportText } from './report-text.mjs';

/** @import { PastOutage } from './outage-checks.mjs' */

const BEGAN = Date.parse('2026-11-27T10:00:00Z');
/** @type {PastOutage} */
const REFUSED = {
  ...{ kind: 'store refuses the account', server: 'store', source: 'main', why: 'refused' },
  ...{ began: BEGAN, ended: BEGAN + 60_000, goesOnAfterSeconds: 3, waited: true, othersAfterSeconds: 0 },
};
/** @type {PastOutage} */
const DEAD = { ...REFUSED, kind: 'dead source', server: 'source', source: 'beside', why: 'unreachable' };

/**
 * A line of a service's log, half a minute after the outage began.
 *
 * @param {Record<string, unknown>} line
 */
const line = (line) => JSON.stringify({ time: new Date(BEGAN + 30_000).toISOString(), ...line });
const SAYS_REFUSED = line({ level: 'error', server: 'store', why: 'refused', msg: 'store unavailable' });
const SAYS_DEAD = line({ level: 'warn', source: 'beside', code: 'source-away', msg: 'waiting' });

/**
 * @param {readonly PastOutage[]} past
 * @param {readonly string[]} lines
 */
function faultsOf(past, lines) {
  const logs = [{ name: 'sampling', log: lines.join('\n') }];
  return outageChecks(past, logs).flatMap(({ faults }) => faults);
}

describe('checks of outages', () => {
  it('pass if a service named server and reason during the outage', () => {
    expect(faultsOf([REFUSED, DEAD], [SAYS_REFUSED, SAYS_DEAD, '{"half a li'])).toEqual([]);
  });

  it('fail if no service named it, or named another, or too late', () => {
    const late = line({
      ...JSON.parse(SAYS_REFUSED),
      time: new Date(REFUSED.ended + 16_000).toISOString(),
    });
    for (const lines of [[], [SAYS_DEAD], [late]])
      expect(faultsOf([REFUSED], lines)).toEqual([
        'store refuses the account at 2026-11-27T10:00:00.000Z: no log line names it',
      ]);
    expect(faultsOf([DEAD], [SAYS_REFUSED])).toHaveLength(1);
  });

  it('fail if work continues too late, or nothing waited, or others were not read', () => {
    expect(faultsOf([{ ...REFUSED, goesOnAfterSeconds: 61 }], [SAYS_REFUSED])).toEqual([
      'store refuses the account: 61.0 s',
    ]);
    expect(faultsOf([{ ...DEAD, waited: false }], [SAYS_DEAD])).toEqual(['dead source: nothing waited']);
    expect(faultsOf([{ ...DEAD, othersAfterSeconds: 99 }], [SAYS_DEAD])).toEqual([
      'dead source: others after 99.0 s',
    ]);
  });

  it('fail if work failed', () => {
    const failed = line({ level: 'error', msg: 'failed: disk full', run: 'a', stage: 'sampling' });
    expect(faultsOf([], [failed])).toEqual(['sampling: a sampling failed: disk full']);
  });
});

describe('faults that are planted at the end of a chaos run', () => {
  it.each([...watchOfFaults(), ...outagesOfFaults()])('break: $rule', ({ faults }) => {
    expect(faults).not.toEqual([]);
  });
});

describe('the report', () => {
  it('lists what was killed, what was measured and which checks failed, with up to ten faults each', () => {
    const many = Array.from({ length: 12 }, (_, at) => `fault ${at + 1}`);
    const figures = {
      runs: 96,
      outcomes: { kept: 90 },
      secondsToQuiet: 3.14159,
      ...outageFigures([REFUSED, REFUSED]),
    };
    const checks = [
      { rule: 'no dead letters', faults: [] },
      { rule: 'nothing waits', faults: many },
    ];
    expect(reportText({ kills: { broker: 3 }, figures, checks }).split('\n')).toEqual([
      '',
      'kills',
      '    3  broker',
      '',
      'figures',
      '  runs: 96',
      '  outcomes: {"kept":90}',
      '  secondsToQuiet: 3.1',
      '  store refuses the account: longest until work continued: 3.0 s, 2 times',
      '',
      'checks',
      '  passed  no dead letters',
      '  FAILED  nothing waits',
      ...many.slice(0, 10).map((fault) => `            ${fault}`),
      '            and 2 more',
      '',
    ]);
  });
});
