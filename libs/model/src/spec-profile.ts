import { parseProfile, type Profile } from './profile';

const bins = {
  shares: [0.1, 0.5, 0.4],
  byWeekday: Array.from({ length: 7 }, () => null),
  noise: { visitors: [], visitorsDf: 0, days: [], daysDf: 0, daysEstimateDf: 0 },
};
const common = { missing: 0.1, knownOfGoals: 0.9, knownOfOthers: 0.9, auc: 0.6 };
const device = {
  ...{ kind: 'category', name: 'device', ...common },
  levels: [{ level: 'phone', rows: 250, share: 0.5 }],
  rest: { levels: 2, rows: 200, share: 0.4 },
  bins: { levels: ['phone'], ...bins },
};

/** The profile of a bundle of specs. */
export const specProfile: Profile = parseProfile({
  schemaVersion: 1,
  end: '2023-04-01T00:00:00.000Z',
  rows: 500,
  goals: 56,
  weight: 5384,
  goalWeight: 56,
  effectiveRows: 450,
  days: [{ day: '2023-01-01', rows: 500, goals: 56, weight: 5384, goalWeight: 56 }],
  columns: [
    {
      ...{ kind: 'number', name: 'basket', ...common, zeros: 0, min: 20, max: 80, mean: 50 },
      ...{ deviation: 17, quantiles: [20, 23, 26, 35, 50, 65, 74, 77, 80], medianSize: 50, correlation: 0.1 },
      bins: { edges: [50], mode: null, ...bins },
    },
    device,
  ],
  hour: { ...device, name: 'visit_time' },
  alike: [],
});
