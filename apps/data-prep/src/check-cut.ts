import { coverageOf, leftOutOf, type Population, type SourceDefinition } from '@factory/source';
import type { InputCheck } from './input-check';

/** Where more of the visits with a goal have it before the cut, a shorter time to the cut would keep many. */
const MOST_EARLY_GOALS = 0.2;

/**
 * Tables without event times whose rows are made from whole visits: nobody who scores knows them in time, and they
 * may hold what came after the goal (rules R3).
 */
export function checkCoverage({ features }: SourceDefinition): InputCheck[] {
  return features.flatMap((table): InputCheck[] => {
    const covers = coverageOf(table);
    if (covers === undefined) return [];
    const line = { check: 'covers', column: table.table, figure: covers, limit: 'before-visit' };
    if (covers === 'before-visit') return [{ ...line, result: 'pass' }];
    const note =
      'its rows are made from whole visits and may hold what came after the goal: a model that learns it looks ' +
      'better than it is. Say covers: before-visit where they were made from what came before the visit, or ' +
      'declare a table of events with their time';
    return [{ ...line, result: 'warn', note }];
  });
}

/** Visits that are neither goal nor other, by reason; a failure when none is left. Empty without a cut. */
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
      `${noCut} visits are left out because it holds nothing: fill it for every visit`,
    ),
    line(
      'cut-too-late',
      column,
      cutTooLate,
      [0, cutTooLate > 0],
      `${cutTooLate} visits are left out because goals can still come after it: ask for an earlier end`,
    ),
  ];
}
