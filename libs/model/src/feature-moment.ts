import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/**
 * When the features of a model were known (rules R3): a scorer has to read them at the same moment. Absent in
 * bundles of versions that did not record it.
 */
export const featureMomentSchema = z.looseObject({
  /** Where each visit's features end and its goals begin; null = the source has no event times. */
  cut: z
    .union([z.looseObject({ observeSeconds: z.number() }), z.looseObject({ column: z.string() })])
    .nullable(),
  tables: z.array(
    z.looseObject({
      table: z.string(),
      /** Column of event times: only events before the cut count. */
      time: z.string().optional(),
      /** Seconds before the cut; absent = from the visit's start. */
      lookbackSeconds: z.number().optional(),
      /** For a table without event times: `before-visit` or `whole-visit`. */
      covers: z.string().optional(),
    }),
  ),
});
export type FeatureMoment = z.infer<typeof featureMomentSchema>;

/** Reasons to doubt a model with these features, for report and card. */
export function momentWarnings(moment: FeatureMoment | undefined): string[] {
  return wholeVisitTables(moment).map(
    (table) =>
      `table ${table} covers whole visits: its columns may hold what came after the goal, so the figures may be ` +
      'better than any score of a visit that is still going on',
  );
}

/** Scorers read features at the champion's moment, and have to change that with the version. */
export function cutWarnings(
  moment: FeatureMoment | undefined,
  champion: { readonly version: string; readonly featureMoment?: FeatureMoment | undefined },
): string[] {
  const before = champion.featureMoment;
  if (!moment || !before || isDeepStrictEqual(moment.cut, before.cut)) return [];
  return [
    `champion ${champion.version} reads features ${whenRead(before)}, this model ${whenRead(moment)}: they are ` +
      'compared at the latter, and scorers have to read at the moment of the version in force',
  ];
}

function whenRead({ cut }: FeatureMoment): string {
  return cut ? atTheCut(cut) : 'of whole visits';
}

/** When features have to be read, as text. */
export function describeMoment(moment: FeatureMoment | undefined): string[] {
  if (!moment?.cut) return [];
  const { cut, tables } = moment;
  const timed = tables.filter((one) => one.time !== undefined);
  const from = timed.map(({ table, lookbackSeconds }) =>
    lookbackSeconds === undefined
      ? `${table} from the visit's start`
      : `${table} from ${lookbackSeconds} s before that moment`,
  );
  return [
    `Features were read ${atTheCut(cut)}: events count before that moment (${from.join(', ')}), goals from it on, ` +
      'and visits with an earlier goal were left out. Scores hold for features that are read at the same moment.',
  ];
}

/** When a model with these features should not be used. */
export function momentLimits(moment: FeatureMoment | undefined): string[] {
  const whole = wholeVisitTables(moment);
  return [
    ...(moment?.cut ? [`With features read at another moment than ${atTheCut(moment.cut)}.`] : []),
    ...(whole.length > 0
      ? [
          `For visits that are still going on: ${whole.join(', ')} cover${whole.length > 1 ? '' : 's'} whole visits.`,
        ]
      : []),
  ];
}

function atTheCut(cut: NonNullable<FeatureMoment['cut']>): string {
  return 'observeSeconds' in cut
    ? `${String(cut.observeSeconds)} s after each visit's start`
    : `at the instant in column ${String(cut.column)} of visits`;
}

function wholeVisitTables(moment: FeatureMoment | undefined): string[] {
  return (moment?.tables ?? []).filter((one) => one.covers === 'whole-visit').map((one) => one.table);
}
