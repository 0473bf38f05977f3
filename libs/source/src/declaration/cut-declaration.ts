import type { Refusal } from '@factory/domain';
import type { FeatureTable, SourceDefinition } from './sources-schema';

/** What the rows of a table without event times cover (rules R3). */
export type Coverage = NonNullable<FeatureTable['covers']>;

/** Where a source separates the features of a visit from its goals; each source has one form or none. */
export type Cut = { readonly observeSeconds: number } | { readonly column: string };

/** When a feature table's values are known, as recorded in datasets and models. */
export interface TableMoment {
  readonly table: string;
  /** Column of the event times: only events before the cut count. */
  readonly time?: string;
  /** Seconds before the cut; absent = from the visit's start. */
  readonly lookbackSeconds?: number;
  /** For a table without event times. */
  readonly covers?: Coverage;
}

/** When the features of a source are known: a scorer has to read them at the same moment. */
export interface FeatureMoment {
  /** Null: the source has no event times. */
  readonly cut: Cut | null;
  readonly tables: readonly TableMoment[];
}

/** The source's cut; undefined if no feature table has event times. */
export function cutOf({ observe, cut }: Pick<SourceDefinition, 'observe' | 'cut'>): Cut | undefined {
  if (observe !== undefined) return { observeSeconds: observe };
  return cut === undefined ? undefined : { column: cut };
}

/** Seconds from a visit's start to its cut if they are the same for every visit, otherwise 0. */
export function observeSecondsOf({ observe }: Pick<SourceDefinition, 'observe'>): number {
  return observe ?? 0;
}

/** What a table without event times covers; undefined for a table with event times. */
export function coverageOf({ time, covers }: FeatureTable): Coverage | undefined {
  return time === undefined ? (covers ?? 'whole-visit') : undefined;
}

/** When each feature of the source is known, for the sampling ledger and the model's lineage. */
export function featureMomentOf(source: SourceDefinition): FeatureMoment {
  return {
    cut: cutOf(source) ?? null,
    tables: source.features.map((one) => {
      const { table, time, lookback } = one;
      const covers = coverageOf(one);
      return {
        table,
        ...(time === undefined ? {} : { time }),
        ...(lookback === undefined ? {} : { lookbackSeconds: lookback }),
        ...(covers === undefined ? {} : { covers }),
      };
    }),
  };
}

/** A cut is required if there are event times, and refused otherwise (rules R3). */
export function cutRefusals(source: SourceDefinition): Refusal[] {
  const at = `sources.${source.name}`;
  const { observe, cut } = source;
  const timed = source.features.filter((one) => one.time !== undefined).map((one) => one.table);
  const refusals: Refusal[] = [];
  const refuse = (field: string, value: unknown, todo: string) =>
    refusals.push({ field: `${at}.${field}`, value, todo });
  if (timed.length > 0 && observe === undefined && cut === undefined) {
    refuse(
      'observe',
      undefined,
      `say how many seconds after a visit's start its features are read, such as observe: 300, for the events of ` +
        `${timed.join(', ')}: events count before that moment, goals from it on, and a scorer reads at the same ` +
        'moment. Or name as cut the column of visits that contains it',
    );
  }
  if (timed.length === 0) {
    const todo = 'remove it: no feature table has a time, so there is no cut';
    if (observe !== undefined) refuse('observe', observe, todo);
    if (cut !== undefined) refuse('cut', cut, todo);
  } else if (observe !== undefined && cut !== undefined) {
    refuse('cut', cut, 'give either observe or cut: a visit has one cut');
  }
  if (timed.length > 0 && source.visits.noTime === true) {
    refuse('visits.noTime', true, 'leave it out: events are cut by the time of their visit');
  }
  source.features.forEach(({ time, lookback, covers }, index) => {
    if (time === undefined && lookback !== undefined) {
      refuse(
        `features.${index}.lookback`,
        lookback,
        'name the time of its events as well, or remove lookback',
      );
    }
    if (time !== undefined && covers !== undefined) {
      refuse(
        `features.${index}.covers`,
        covers,
        'remove it: a table with a time covers what is before the cut',
      );
    }
  });
  return refusals;
}
