import { PLANTED_FAULTS, countSeries, drawSeries, simulateSeries, type Series } from '@factory/simulator';
import { passesOf } from '../profile/profile-batch';
import { profileDataset } from '../profile/profile-dataset';
import { checkData, recentRowsOf } from './check-data';
import { DEFAULT_CHECK_LIMITS, type CheckCode } from './check-rules';

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const TRAIN_END = START + 35 * DAY_MS;
const END = TRAIN_END + 7 * DAY_MS;
const NOW = END + 7 * DAY_MS;
const series = simulateSeries({ seed: 21, startMs: START, days: 49, visitsADay: 350, baseRate: 0.06 });
const champion = profileDataset(
  passesOf(drawSeries(series, { from: START, to: END, trainEnd: TRAIN_END, seed: 'spec' })),
  { marks: ['train', 'validation'], to: TRAIN_END, end: END },
);

function check(found: Series) {
  const passes = passesOf(drawSeries(found, { from: START, to: NOW, trainEnd: END, seed: 'spec' }));
  const { findings } = checkData(
    {
      days: countSeries(found, START, NOW),
      newFrom: END,
      dataset: profileDataset(passes, { marks: ['train', 'validation'] }),
      comparison: { champion, recent: recentRowsOf(champion, passes) },
    },
    DEFAULT_CHECK_LIMITS,
  );
  return findings.filter(({ severity }) => severity === 'stop');
}

/** The code that has to be among those that stop each fault. */
const STOPPED_BY: Readonly<Record<string, CheckCode>> = {
  'halved-rows': 'rows-low',
  'doubled-visits': 'duplicate-visits',
  'doubled-visits-new-ids': 'rows-high',
  'some-visits-twice': 'duplicate-visits',
  'missing-days': 'missing-day',
  'stale-days': 'stale-data',
  'late-data': 'day-low',
  bots: 'rows-high',
  'goal-outage': 'goal-outage',
  'goals-halved': 'goal-rate',
  'label-flip': 'label-flip',
  'constant-label': 'constant-label',
  'shifted-column': 'shift',
  'unit-x100': 'unit-change',
  'unit-minutes': 'unit-change',
  'swapped-columns': 'shift',
  'out-of-range': 'out-of-range',
  'stuck-column': 'constant-column',
  'vanished-level': 'level-vanished',
  'new-level': 'level-new',
  'all-null': 'all-missing',
  'share-missing': 'missing-share',
  'table-outage': 'table-outage',
  'zero-table-outage': 'table-outage',
  'table-outage-of-days': 'table-outage',
  'leak-after-goal': 'leak-auc',
  'leak-by-id': 'leak-presence',
  'leak-by-status': 'leak-auc',
  'clock-shift': 'clock-shift',
  'future-times': 'stale-data',
  'lost-column': 'column-lost',
  'changed-type': 'type-changed',
};

describe('the checks of a retrain', () => {
  it('find nothing in the data of a stable product', () => {
    expect(check(series)).toEqual([]);
  });

  it.each(PLANTED_FAULTS.map((fault) => [fault.name, fault] as const))(
    'stop %s by its own code',
    (name, fault) => {
      const found = check(fault.plant(series, { from: END, to: NOW }));
      expect(found.map(({ code }) => code)).toContain(STOPPED_BY[name]);
      for (const { words } of found) expect(words).toMatch(/[.?]$/);
    },
  );

  it('of a first model know no champion', () => {
    const { findings } = checkData(
      { days: countSeries(series, START, NOW), newFrom: END, dataset: champion },
      DEFAULT_CHECK_LIMITS,
    );
    expect(findings).toEqual([]);
  });
});
