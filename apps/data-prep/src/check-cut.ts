import { coverageOf, leftOutOf, type Population, type SourceDefinition } from '@factory/source';
import type { InputCheck } from './input-check';

/** If more of the visits with a goal have it before the cut, a shorter time to the cut would keep many of them. */
const MOST_EARLY_GOALS = 0.2;

/**
 * Tables without event times whose rows are computed from whole visits: a scorer cannot have them in time, and
 * they may contain information from after the goal (rules R3).
 */
export function checkCoverage({ features }: SourceDefinition): InputCheck[] {
  return features.flatMap((table): InputCheck[] => {
    const covers = coverageOf(table);
    if (covers === undefined) return [];
    const line = { check: 'covers', column: table.table, figure: covers, limit: 'before-visit' };
    if (covers === 'before-visit') return [{ ...line, result: 'pass' }];
    const note =
      'its rows are computed from whole visits and may contain information from after the goal, which makes a ' +
      'model look better than it is. Declare covers: before-visit if they are computed from data before the visit, ' +
      'or declare a table of events with their time';
    return [{ ...line, result: 'warn', note }];
  });
}

/** Visits that count neither as goal nor as other, by reason; a failure if no visit remains. Empty without a cut. */
export function checkLeftOut(source: SourceDefinition, population: Population): InputCheck[] {
  const { goals, others, leftOut } = population;
  if (!leftOut) return [];
  const { goalBeforeCut, noCut, cutTooLate } = leftOut;
  const none = goals + others === 0 && leftOutOf(population) > 0;
  const line = (
    check: string,
    column: string | undefined,
    figure: number,
    [limit, isOver]: readonly [number | string, boolean],
    note: string,
  ): InputCheck => {
    const result = none && figure > 0 ? 'fail' : isOver ? 'warn' : 'pass';
    return {
      check,
      ...(column === undefined ? {} : { column }),
      figure,
      limit,
      result,
      ...(result === 'pass' ? {} : { note }),
    };
  };
  const most = `${100 * MOST_EARLY_GOALS} % of the visits with the goal`;
  const early = goalBeforeCut > MOST_EARLY_GOALS * (goalBeforeCut + goals);
  const lines = [
    line(
      'goal-before-cut',
      undefined,
      goalBeforeCut,
      [most, early],
      `${goalBeforeCut} visits are left out because they reach the goal before their features are read: ` +
        (source.observe === undefined ? 'use an earlier cut' : `lower observe (now ${source.observe} s)`),
    ),
  ];
  if (source.cut === undefined) return lines;
  const column = `${source.visits.table}.${source.cut}`;
  return [
    ...lines,
    line(
      'no-cut',
      column,
      noCut,
      [0, noCut > 0],
      `${noCut} visits are left out because it is empty: fill it for every visit`,
    ),
    line(
      'cut-too-late',
      column,
      cutTooLate,
      [0, cutTooLate > 0],
      `${cutTooLate} visits are left out because goals can still come after it: request an earlier end`,
    ),
  ];
}
