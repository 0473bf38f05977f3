import type { PackedTexts, Policy } from '@factory/domain';
import type { LeftOut, Population, SourceSnapshot, VisitRange } from '@factory/source';
import {
  drawnClass,
  scaleOfDays,
  wantedForOutOfTime,
  wantedForTraining,
  wantedOthersOfDay,
  type WantedCounts,
} from './draw-counts';
import type { Stratum } from './drawn-ids';
import type { DrawnClass, DrawnDay } from './sampling-ledger';

const DAY_MS = 86_400_000;

/** One part of the sample with the drawn visits of each class. */
export interface DrawnPart {
  readonly strata: readonly Stratum[];
  readonly goals: DrawnClass;
  readonly others: DrawnClass;
  /** For a source with a cut: visits that are neither. */
  readonly leftOut?: LeftOut | undefined;
  /** For a de-trended draw. */
  readonly days?: readonly DrawnDay[];
  readonly scaleOfDays?: number;
}

/** Draws the training part: goals at one rate, others at one rate, or day by day when de-trended (rules R2). */
export async function drawTraining(
  snapshot: SourceSnapshot,
  range: VisitRange,
  seed: string,
  policy: Policy,
): Promise<DrawnPart> {
  const population = await snapshot.population(range);
  const wanted = wantedForTraining(population, policy);
  const salt = `${seed}|draw`;
  if (policy.detrend) return drawDayByDay(snapshot, range, salt, population, policy);
  return drawTwoClasses(snapshot, range, salt, population, wanted, 'training');
}

/** Draws the out-of-time part: each class at its own rate; nothing when the range is empty. */
export async function drawOutOfTime(
  snapshot: SourceSnapshot,
  range: VisitRange,
  seed: string,
  policy: Policy,
): Promise<DrawnPart> {
  if (range.start >= range.end) return { strata: [], goals: drawnClass(0, 0), others: drawnClass(0, 0) };
  const population = await snapshot.population(range);
  const wanted = wantedForOutOfTime(population, policy);
  return drawTwoClasses(snapshot, range, `${seed}|oot`, population, wanted, 'out-of-time');
}

async function drawTwoClasses(
  snapshot: SourceSnapshot,
  range: VisitRange,
  salt: string,
  population: Population,
  wanted: WantedCounts,
  part: Stratum['part'],
): Promise<DrawnPart> {
  const goals = await drawClass(snapshot, range, salt, population.goals, wanted.goals, 'goal');
  const others = await drawClass(snapshot, range, salt, population.others, wanted.others, 'no-goal');
  return {
    strata: [
      { part, label: 1, ids: goals.ids, weight: 1 / goals.drawn.fraction },
      { part, label: 0, ids: others.ids, weight: 1 / others.drawn.fraction },
    ],
    goals: goals.drawn,
    others: others.drawn,
    leftOut: population.leftOut,
  };
}

/**
 * Goals at one common rate; of each day (UTC), a fixed number of others for each of that day's drawn goals. A
 * day's own fraction gives the weights, increased to make up for days that drew none (`scaleOfDays`). The
 * shift (rules R6), logit(population rate) - logit(sample rate), is ln f0 - ln f1 of the whole part here as
 * well.
 */
async function drawDayByDay(
  snapshot: SourceSnapshot,
  range: VisitRange,
  salt: string,
  population: Population,
  policy: Policy,
): Promise<DrawnPart> {
  const wanted = wantedForTraining(population, policy);
  const goals = await drawClass(snapshot, range, salt, population.goals, wanted.goals, 'goal');
  const drawnGoals = new Set(goals.ids);
  const drawnDays: { readonly ids: PackedTexts; readonly day: DrawnDay }[] = [];
  for (const day of daysOf(range)) {
    const ofDay = await snapshot.population(day);
    const all = await drawClass(snapshot, day, salt, ofDay.goals, ofDay.goals, 'goal');
    let dayGoals = 0;
    for (const id of all.ids) dayGoals += Number(drawnGoals.has(id));
    const count = wantedOthersOfDay({ drawnGoals: dayGoals, others: ofDay.others }, policy);
    const others = await drawClass(snapshot, day, salt, ofDay.others, count, 'no-goal');
    const drawn = { day: day.start.toISOString(), goals: dayGoals, ...others.drawn };
    drawnDays.push({ ids: others.ids, day: drawn });
  }
  const days = drawnDays.map((one) => one.day);
  const scale = scaleOfDays(days);
  const strata: Stratum[] = [
    { part: 'training', label: 1, ids: goals.ids, weight: 1 / goals.drawn.fraction },
    ...drawnDays.flatMap(({ ids, day }): Stratum[] =>
      ids.length === 0 ? [] : [{ part: 'training', label: 0, ids, weight: scale / day.fraction }],
    ),
  ];
  const drawnOthers = days.reduce((sum, day) => sum + day.drawn, 0);
  return {
    strata,
    goals: goals.drawn,
    others: drawnClass(population.others, drawnOthers),
    leftOut: population.leftOut,
    days,
    scaleOfDays: scale,
  };
}

async function drawClass(
  snapshot: SourceSnapshot,
  range: VisitRange,
  salt: string,
  population: number,
  count: number,
  having: 'goal' | 'no-goal',
): Promise<{ ids: PackedTexts; drawn: DrawnClass }> {
  const ids = await snapshot.selectIds({ range, having, salt, population, count });
  return { ids, drawn: drawnClass(population, ids.length) };
}

/** The range, split at each midnight, UTC. */
function* daysOf(range: VisitRange): Generator<VisitRange> {
  for (let start = range.start.getTime(); start < range.end.getTime();) {
    const end = Math.min((Math.floor(start / DAY_MS) + 1) * DAY_MS, range.end.getTime());
    yield { ...range, start: new Date(start), end: new Date(end) };
    start = end;
  }
}
