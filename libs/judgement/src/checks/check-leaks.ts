import type { Profile } from '@factory/model';
import type { CheckLimits } from './check-rules';
import { percent, type Checked } from './finding';

/** With fewer goals, or fewer other visits, a single column may rank them well by chance. */
const LEAST_GOALS = 30;
/** Standard errors that an AUC must be above its limit by. */
const SURE = 3;

/** Events of a feature table that is read up to the cut, of visits with the goal. */
export interface EventTimes {
  readonly table: string;
  /** Visits with the goal that have an event that counts. */
  readonly goals: number;
  /** Those of them with one at or after the goal. */
  readonly atOrAfter: number;
}

/** A model with and without one feature table, on the same rows. */
export interface WithoutTable {
  /** Name of the table; of a column, where a source has one table only. */
  readonly table: string;
  readonly aucWith: number;
  readonly aucWithout: number;
  /** It is computed from whole visits: what it holds may have come after the goal. */
  readonly isWholeVisit?: boolean | undefined;
  /** Its columns that the model relies on most, most first. */
  readonly columns?: readonly string[] | undefined;
}

/** How a model ranks some rows. */
export interface Ranked {
  readonly auc: number;
  readonly goals: number;
  readonly others: number;
}

/**
 * Columns that know the outcome. The limits: two normal populations of equal spread that one column ranks with an AUC of
 * .95 are 2.3 standard deviations apart (AUC = Phi(d / sqrt 2)), and nobody's behaviour before a goal is; .9 are 1.8.
 */
export function checkLeaks(
  profile: Pick<Profile, 'columns' | 'goals' | 'rows'>,
  { checks }: CheckLimits,
): Checked[] {
  if (profile.goals < LEAST_GOALS || profile.rows - profile.goals < LEAST_GOALS) return [];
  return profile.columns.flatMap((column) => {
    const lowest = lowestAuc({
      auc: column.auc,
      goals: profile.goals * column.knownOfGoals,
      others: (profile.rows - profile.goals) * column.knownOfOthers,
    });
    const isLeak = lowest >= checks['leak-auc'].limit;
    const presence = column.knownOfGoals - column.knownOfOthers;
    return [
      {
        code: isLeak ? ('leak-auc' as const) : ('leak-auc-near' as const),
        column: column.name,
        figure: column.auc,
        isBeyond: isLeak || lowest >= checks['leak-auc-near'].limit,
        words: `${column.name} alone ranks goals and other visits with an AUC of ${column.auc.toFixed(3)}: exclude it in sources.yaml unless it is known before the goal.`,
      },
      {
        code: 'leak-presence' as const,
        column: column.name,
        figure: presence,
        isBeyond: presence >= checks['leak-presence'].limit,
        words: `${column.name} is known for ${percent(column.knownOfGoals)} of the goals and ${percent(column.knownOfOthers)} of the other visits: exclude it in sources.yaml unless it is known before the goal.`,
      },
    ];
  });
}

/** Events that a feature counts although they come at or after the goal. */
export function checkEventTimes(times: readonly EventTimes[], { checks }: CheckLimits): Checked[] {
  return times.map(({ table, goals, atOrAfter }): Checked => {
    const share = goals > 0 ? atOrAfter / goals : 0;
    return {
      code: 'leak-event-time',
      column: table,
      figure: share,
      isBeyond: share >= checks['leak-event-time'].limit,
      words: `${percent(share)} of the goals have events in ${table} that count and come at or after the goal.`,
    };
  });
}

/**
 * Whether a model of all columns ranks rows that it was not fitted to so well that its tables are suspected: surely
 * better than a single column may (`leak-auc`).
 */
export function isTooGood(ranked: Ranked, { checks }: CheckLimits): boolean {
  if (ranked.goals < LEAST_GOALS || ranked.others < LEAST_GOALS) return false;
  return lowestAuc(ranked) >= checks['leak-auc'].limit;
}

/** A model that is too good, and is not without one table: the table is the suspect, first those of whole visits. */
export function checkWithout(models: readonly WithoutTable[], { checks }: CheckLimits): Checked[] {
  const loss = ({ aucWith, aucWithout }: WithoutTable): number => aucWith - aucWithout;
  return models
    .toSorted(
      (a, b) => Number(b.isWholeVisit ?? false) - Number(a.isWholeVisit ?? false) || loss(b) - loss(a),
    )
    .map((one): Checked => ({
      code: 'leak-table',
      column: one.table,
      figure: loss(one),
      isBeyond: one.aucWith >= checks['leak-auc'].limit && loss(one) >= checks['leak-table'].limit,
      words: wordsOf(one),
    }));
}

function wordsOf({ table, aucWith, aucWithout, isWholeVisit, columns = [] }: WithoutTable): string {
  return [
    `Logistic regression ranks goals and other visits with an AUC of ${aucWith.toFixed(3)}, and of ${aucWithout.toFixed(3)} without ${table}.`,
    ...(isWholeVisit ? ['It covers whole visits: what it holds may have come after the goal.'] : []),
    ...(columns.length > 0 ? [`Most of it comes from ${columns.join(', ')}.`] : []),
    'Exclude in sources.yaml what is not known before the goal.',
  ].join(' ');
}

/** An AUC less what chance may have added. Standard error: Hanley and McNeil 1982. */
function lowestAuc({ auc, goals, others }: Ranked): number {
  if (goals < LEAST_GOALS || others < 1) return auc - SURE;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = auc * (1 - auc) + (goals - 1) * (q1 - auc * auc) + (others - 1) * (q2 - auc * auc);
  return auc - SURE * Math.sqrt(Math.max(0, variance) / (goals * others));
}
