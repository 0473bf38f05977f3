import type { ColumnStatistics, Profile } from '@factory/model';
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
  readonly table: string;
  readonly aucWith: number;
  readonly aucWithout: number;
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
    const lowest = column.auc - SURE * aucError(column, profile);
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

/** A model that is too good, and is not without one table: the table is the suspect. */
export function checkWithout(models: readonly WithoutTable[], { checks }: CheckLimits): Checked[] {
  return models.map(({ table, aucWith, aucWithout }): Checked => ({
    code: 'leak-table',
    column: table,
    figure: aucWith - aucWithout,
    isBeyond: aucWith >= checks['leak-auc'].limit && aucWith - aucWithout >= checks['leak-table'].limit,
    words: `The model's AUC is ${aucWith.toFixed(3)}, and ${aucWithout.toFixed(3)} without ${table}.`,
  }));
}

/** Standard error of an AUC, Hanley and McNeil 1982. */
function aucError(
  { auc, knownOfGoals, knownOfOthers }: ColumnStatistics,
  { goals, rows }: Pick<Profile, 'goals' | 'rows'>,
): number {
  const [positives, negatives] = [goals * knownOfGoals, (rows - goals) * knownOfOthers];
  if (positives < LEAST_GOALS || negatives < 1) return 1;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
  return Math.sqrt(Math.max(0, variance) / (positives * negatives));
}
