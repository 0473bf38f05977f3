export const SEVERITIES = ['stop', 'warn', 'off'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a limit may be, by its unit. */
export const LIMIT_UNITS = {
  'of the expected': { from: 0, to: 1, todo: 'give a share from 0 to 1' },
  'times the expected': { from: 1, to: Infinity, todo: 'give a factor of at least 1' },
  'times, or one by it': { from: 1, to: Infinity, todo: 'give a factor of at least 1' },
  share: { from: 0, to: 1, todo: 'give a share from 0 to 1' },
  'share of goals': { from: 0, to: 1, todo: 'give a share from 0 to 1' },
  'difference of shares': { from: 0, to: 1, todo: 'give a difference of shares from 0 to 1' },
  AUC: { from: 0, to: 1, todo: 'give an AUC from 0 to 1' },
  "Cohen's h": { from: 0, to: Math.PI, todo: 'give an effect from 0 to 3.14' },
  "Cohen's w": { from: 0, to: Infinity, todo: 'give an effect of at least 0' },
  cosine: { from: -1, to: 1, todo: 'give a cosine from -1 to 1' },
  'rank correlation': { from: -1, to: 1, todo: 'give a correlation from -1 to 1' },
  days: { from: 0, to: Infinity, todo: 'give days, 0 or more' },
  classes: { from: 0, to: Infinity, todo: 'give a number of classes' },
  columns: { from: 0, to: Infinity, todo: 'give a number of columns' },
  values: { from: 0, to: Infinity, todo: 'give a number of values' },
  scores: { from: 0, to: Infinity, todo: 'give a number of scores' },
  steps: { from: 0, to: Infinity, todo: 'give a number of steps' },
} as const satisfies Readonly<Record<string, { from: number; to: number; todo: string }>>;
export type LimitUnit = keyof typeof LIMIT_UNITS;

/** One check as data: the documentation is made from it. */
export interface CheckRule {
  /** What a finding means for the run. */
  readonly severity: Severity;
  /** The figure from which on there is a finding, provided that chance is ruled out where the check tests. */
  readonly limit: number;
  readonly unit: LimitUnit;
  readonly meaning: string;
}

const rule = (severity: Severity, limit: number, unit: LimitUnit, meaning: string): CheckRule => ({
  severity,
  limit,
  unit,
  meaning,
});

/**
 * Every check of data and of a candidate's scores. Effects are what a fault does and business as usual does not; that they
 * are not chance is tested beside (docs/statistics.md, "Has a column moved?").
 */
export const CHECK_RULES = {
  'rows-low': rule('stop', 0.67, 'of the expected', 'the new days have so few visits, or fewer'),
  'rows-high': rule('stop', 1.5, 'times the expected', 'the new days have so many visits, or more'),
  'day-low': rule('stop', 0.35, 'of the expected', 'one new day has so few visits: it arrived in part'),
  'missing-day': rule('stop', 1, 'days', 'days without a visit'),
  'stale-data': rule('stop', 1, 'days', 'days without a visit at the end'),
  'duplicate-visits': rule('stop', 0.01, 'share', 'visits that are there more than once'),
  'constant-label': rule('stop', 1, 'classes', 'all visits have the goal, or none has'),
  'goal-rate': rule('stop', 1.5, 'times, or one by it', 'goals a visit in the new days, to the history'),
  'goal-outage': rule('stop', 1, 'days', 'days in a row without a goal'),
  'table-outage': rule(
    'stop',
    0.67,
    'of the expected',
    'visits with a row in a feature table; 0: days without any',
  ),
  'column-lost': rule('stop', 0, 'columns', 'the champion knows the column, the dataset does not'),
  'column-new': rule('warn', 0, 'columns', 'the dataset has the column, the champion does not know it'),
  'type-changed': rule('stop', 0, 'columns', 'numbers have become categories, or the other way round'),
  'all-missing': rule('stop', 1, 'share', 'nothing is known of a column that was known'),
  'constant-column': rule('stop', 1, 'values', 'a column that varied has one value'),
  'missing-share': rule('stop', 0.5, "Cohen's h", 'share of unknown values, at least ten points up or down'),
  'out-of-range': rule('stop', 0.05, 'share', 'values beyond the least and largest of the training window'),
  'unit-change': rule('stop', 5, 'times, or one by it', 'median size of the values that are not 0'),
  'level-vanished': rule('stop', 0.1, 'share', 'a level that had this share has (nearly) none'),
  'level-new': rule('stop', 0.1, 'share', 'a level that was never seen has this share'),
  shift: rule('stop', 0.5, "Cohen's w", 'shares of a column have moved: a large effect'),
  'shift-small': rule('warn', 0.2, "Cohen's w", 'shares of a column have moved: an effect to know of'),
  'clock-shift': rule('stop', 0.3, "Cohen's w", 'the hours of the visits have moved'),
  'label-flip': rule('stop', -0.5, 'cosine', 'columns that spoke for the goal speak against it'),
  'leak-auc': rule('stop', 0.95, 'AUC', 'a column alone ranks the goals too well to be known before them'),
  'leak-auc-near': rule('warn', 0.9, 'AUC', 'a column alone ranks the goals nearly too well'),
  'leak-presence': rule(
    'stop',
    0.9,
    'difference of shares',
    'a column is known for goals and for hardly others',
  ),
  'leak-event-time': rule(
    'stop',
    0.01,
    'share of goals',
    'events that count as features at or after the goal',
  ),
  'leak-table': rule('stop', 0.1, 'AUC', 'what a model that is too good loses without one table'),
  'score-not-finite': rule('stop', 0, 'scores', 'scores that are no finite number'),
  'score-mean': rule('stop', 1.25, 'times, or one by it', 'mean score to the expected base rate'),
  'score-saturated': rule('stop', 0.01, 'share', 'scores within 1e-6 of 0 or 1'),
  'score-distinct': rule('stop', 20, 'values', 'fewer distinct scores than this'),
  'score-percentiles': rule('stop', 0, 'steps', 'steps of the table of percentiles that fall'),
  'score-shift': rule('warn', 0.5, "Cohen's w", "the candidate's scores to the champion's on the same rows"),
  'score-order': rule('warn', 0.5, 'rank correlation', "less than this to the champion's on the same rows"),
} as const satisfies Readonly<Record<string, CheckRule>>;

export type CheckCode = keyof typeof CHECK_RULES;
export const CHECK_CODES = Object.keys(CHECK_RULES) as readonly CheckCode[];

/** The limits in force. */
export interface CheckLimits {
  /** Chance that a run of clean data is stopped by any of its tests. */
  readonly falseStops: number;
  readonly checks: Readonly<Record<CheckCode, CheckLimit>>;
}
export type CheckLimit = Pick<CheckRule, 'severity' | 'limit'>;

export const DEFAULT_CHECK_LIMITS: CheckLimits = { falseStops: 0.01, checks: CHECK_RULES };
