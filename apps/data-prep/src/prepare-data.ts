import { BadInputError, RunSkippedError, describeKey, type ModelKey, type Policy } from '@factory/domain';
import type { CheckFinding, Overrule } from '@factory/judgement';
import {
  cutOf,
  horizonDaysOf,
  productState,
  rowGoalsOf,
  type FilterMatches,
  type Population,
  type SourceReader,
  type SourceReading,
  type VisitRange,
} from '@factory/source';
import { checkCoverage, checkLeftOut } from './check-cut';
import { checkFilters } from './check-filters';
import { checkGoalTimes } from './check-goal-times';
import { checkHistory, linesOf, type HistoryPorts } from './check-history';
import { checkColumns, checkLabels, checkTables } from './check-input';
import { checkReadable } from './check-readable';
import { chooseWindows, type ChosenWindows } from './choose-windows';
import type { CountsByDayBack } from './days-of-range';
import { InputCheckFailedError, type InputCheck } from './input-check';
import { startOfRange } from './resolve-range';

const DAY_MS = 86_400_000;

/** Input of data-prep for a run. */
export interface PrepareDataRequest extends ModelKey {
  /** Earliest start, inclusive; absent = the policy's `rangeDays` before the end. */
  readonly rangeStart?: Date | undefined;
  /** Exclusive, already resolved (see `resolveRange`). */
  readonly rangeEnd: Date;
  /** For sources with a cut column: the latest cut that can be labelled. */
  readonly latestCut?: Date | undefined;
  readonly policy: Policy;
  /** Checks that do not stop the run; absent: none. */
  readonly overrules?: readonly Overrule[] | undefined;
  /** Most windows to train and compare; undefined: one. */
  readonly compare?: number | undefined;
}

/** Result of data-prep. Ranges are half-open, UTC; the window ends at `trainEnd`. */
export interface PreparedData extends ChosenWindows {
  /** Start of the range from which it was chosen. */
  readonly rangeStart: Date;
  readonly trainEnd: Date;
  /** `[trainEnd, end)`; start = end when the policy wants none. */
  readonly outOfTime: { readonly start: Date; readonly end: Date };
  /** Lines of the report, those of the findings among them. */
  readonly checks: readonly InputCheck[];
  /** Of the checks of days (rules R16); what stops the run as well. */
  readonly findings: readonly CheckFinding[];
  /** The source has no times (see `visits.noTime` of sources.yaml). */
  readonly noTime: boolean;
}

/** The use case of data-prep: from a run's range to its training window and a report on its input. */
export class PrepareData {
  constructor(
    private readonly sources: SourceReading,
    private readonly history: HistoryPorts,
  ) {}

  /**
   * @throws BadInputError `unknown-source`, `unknown-goal`, `unknown-product`, `inactive-product`,
   *   `contradictory-product`, `range-too-short`
   * @throws InputCheckFailedError with the code of the first failing check and the whole report
   * @throws RunSkippedError `no-data` or `too-few-sales`, with the figures
   * @throws SourceAwayError when the source cannot be read now; ServerAwayError
   */
  execute(request: PrepareDataRequest, signal?: AbortSignal): Promise<PreparedData> {
    return this.sources.read(request.source, (reader) => prepare(reader, request, this.history), { signal });
  }
}

async function prepare(
  reader: SourceReader,
  request: PrepareDataRequest,
  history: HistoryPorts,
): Promise<PreparedData> {
  const { product, goal, policy } = request;
  rowGoalsOf(reader.definition, goal);
  const tables = await checkTables(reader, goal);
  stopAtFailure(tables);
  const products = await checkProduct(reader, product);

  const noTime = reader.definition.visits.noTime ?? false;
  const { minStart, trainEnd, end } = noTime ? await wholeRange(reader, request) : askedRange(request);
  const range = { product, start: minStart, end, latestCut: request.latestCut };
  const unreadable = await reader.unreadable(goal, range);
  const readable = checkReadable(reader.definition, unreadable);
  stopAtFailure(readable);
  const goals = await reader.goalVisitsByDayBack(goal, range);
  const heldOutDays = (end.getTime() - trainEnd.getTime()) / DAY_MS;
  const salesByDayBack = goals.slice(heldOutDays);
  const { compare } = request;
  const chosen = chooseWindows({ minStart, trainEnd, salesByDayBack, policy, noTime, compare });
  const { window } = chosen;

  const counts = { goals, visits: noTime ? [] : await reader.visitsByDayBack(range) };
  const windowRange = { ...range, start: window.start, end: trainEnd };
  const population =
    noTime || cutOf(reader.definition)
      ? await reader.population(goal, windowRange)
      : populationOf(counts, heldOutDays, window.days);
  const labels = await checkWindow(reader, request, windowRange, population);
  const columns = await checkColumns(reader, windowRange);
  const checks = [
    ...tables,
    ...products,
    ...readable,
    ...checkCoverage(reader.definition),
    ...labels,
    ...columns,
  ];
  stopAtFailure(checks);
  const findings = noTime
    ? []
    : await checkHistory(
        reader,
        { key: request, range, counts, overrules: request.overrules ?? [] },
        history,
      );
  return {
    ...chosen,
    rangeStart: minStart,
    trainEnd,
    outOfTime: { start: trainEnd, end },
    checks: [...checks, ...linesOf(findings)],
    findings,
    noTime,
  };
}

/**
 * Visits of the window by class, from what was counted by day: no further query. Not for sources with a cut, whose
 * classes are three.
 */
function populationOf({ goals, visits }: CountsByDayBack, firstDay: number, days: number): Population {
  const to = firstDay + Math.ceil(days);
  const withGoal = goals.slice(firstDay, to).reduce((sum, one) => sum + one, 0);
  const all = visits.slice(firstDay, to).reduce((sum, one) => sum + one.visits, 0);
  return { goals: withGoal, others: all - withGoal };
}

interface Range {
  readonly minStart: Date;
  readonly trainEnd: Date;
  readonly end: Date;
}

/** @throws BadInputError `range-too-short` */
function askedRange({ rangeStart, rangeEnd, policy }: PrepareDataRequest): Range {
  const minStart = startOfRange({ start: rangeStart, end: rangeEnd }, policy);
  const trainEnd = new Date(rangeEnd.getTime() - policy.outOfTimeDays * DAY_MS);
  if (trainEnd <= minStart) throw rangeTooShort(minStart, rangeEnd, policy.outOfTimeDays);
  return { minStart, trainEnd, end: rangeEnd };
}

/** For a source without times: for any requested range, all visits are trained on and none is held back. */
async function wholeRange(reader: SourceReader, request: PrepareDataRequest): Promise<Range> {
  const bounds = await reader.visitBounds(request.product);
  if (!bounds)
    throw await noData(reader, request, { visits: 0, sales: 0, minSales: request.policy.minSales });
  const end = new Date(bounds.last.getTime() + DAY_MS);
  return { minStart: bounds.first, trainEnd: end, end };
}

/** Checks for enough visits of both kinds in the window: too few skip the run, only one kind fails it. */
async function checkWindow(
  reader: SourceReader,
  request: PrepareDataRequest,
  range: VisitRange,
  population: Population,
): Promise<InputCheck[]> {
  const { goal, policy } = request;
  const { goals, others } = population;
  const figures = {
    visits: goals + others,
    sales: goals,
    minSales: policy.minSales,
    start: range.start.toISOString(),
    end: range.end.toISOString(),
    horizonDays: horizonDaysOf(reader.definition, goal),
    ...(population.leftOut ? { leftOut: population.leftOut } : {}),
  };
  const leftOut = checkLeftOut(reader.definition, population);
  stopAtFailure(leftOut);
  if (goals + others === 0) throw await noData(reader, request, figures);
  const filters = await reader.filterMatches(goal, range);
  const times = reader.definition.visits.noTime ? [] : await reader.goalsBeforeVisit(goal, range);
  const checks = [
    ...leftOut,
    ...checkLabels(goals, others),
    ...checkFilters(filters, policy.minSales),
    ...checkGoalTimes(times),
  ];
  stopAtFailure(checks);
  if (goals < policy.minSales) {
    const { source, product } = request;
    const text = `${describeKey(request)} has ${goals} visits with the goal in the window, fewer than ${policy.minSales}`;
    const todo =
      (reader.definition.visits.noTime ? 'import more rows' : 'request an earlier start') +
      ', or lower the policy: ' +
      `\`factory policy set ${product} --source ${source} --goal ${goal} minSales=${goals}\``;
    const more = checks.flatMap(({ result, note }) =>
      result === 'warn' && note !== undefined ? [note] : [],
    );
    const all = { ...figures, ...filterFigures(filters) };
    throw new RunSkippedError('too-few-sales', [text, ...more, todo].join('; '), all);
  }
  return checks;
}

/** How many rows pass the filters, to explain missing sales. */
function filterFigures(filters: readonly FilterMatches[]): Readonly<Record<string, unknown>> {
  if (filters.length === 0) return {};
  return {
    filters: filters.map((one) => `${one.column} ${one.condition}: ${one.passed} of ${one.rows} rows`),
  };
}

async function noData(
  reader: SourceReader,
  request: PrepareDataRequest,
  figures: Readonly<Record<string, unknown>>,
): Promise<RunSkippedError> {
  const bounds = await reader.visitBounds(request.product);
  const known = bounds
    ? `its visits are between ${bounds.first.toISOString()} and ${bounds.last.toISOString()}: request that range`
    : 'it has no visits at all';
  return new RunSkippedError('no-data', `${describeKey(request)} has no visit in the window; ${known}`, {
    ...figures,
    firstVisit: bounds?.first.toISOString() ?? null,
    lastVisit: bounds?.last.toISOString() ?? null,
  });
}

/** Warns about a product that the table lists several times, all rows active. */
async function checkProduct(reader: SourceReader, product: number): Promise<InputCheck[]> {
  const { rows, active: activeRows } = await reader.productRows(product);
  const { table, id, active } = reader.definition.products;
  if (rows > 0 && rows === activeRows)
    return rows === 1
      ? []
      : [
          {
            check: 'duplicate-product',
            column: `${table}.${id}`,
            figure: rows,
            limit: 1,
            result: 'warn',
            note: `the table has ${rows} rows of product ${product}, all active: keep one`,
          },
        ];
  const state = productState(rows, activeRows);
  throw new BadInputError(`${state}-product`, {
    field: 'product',
    value: product,
    todo: state === 'unknown' ? `use an id of ${table}` : `set ${table}.${active} for it, or leave it out`,
  });
}

function rangeTooShort(start: Date, end: Date, outOfTimeDays: number): BadInputError {
  return new BadInputError('range-too-short', {
    field: 'range',
    value: `${start.toISOString()} to ${end.toISOString()}`,
    todo: `give more than the ${outOfTimeDays} days at its end that are never trained on, or set outOfTimeDays`,
  });
}

function stopAtFailure(checks: readonly InputCheck[]): void {
  const failed = checks.find((one) => one.result === 'fail');
  if (failed) throw new InputCheckFailedError(failed.check, checks);
}
