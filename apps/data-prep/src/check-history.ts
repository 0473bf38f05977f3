import type { ModelKey } from '@factory/domain';
import {
  applyOverrules,
  checkDays,
  findingsOf,
  hasRhythm,
  limitsOfFirstModel,
  limitsOfStage,
  stopsOf,
  type CheckFinding,
  type Overrule,
  type ProductRules,
  type StoredFinding,
} from '@factory/judgement';
import type { ChampionData } from '@factory/ledger';
import type { SourceReader, VisitRange } from '@factory/source';
import { daysOfRange, firstNewDay, type CountsByDayBack } from './days-of-range';
import type { InputCheck } from './input-check';

/** Most visits of a range that are looked up in the feature tables; of more, a share by hash. */
const VISITS_LOOKED_UP = 100_000;

/** What the checks of days need besides the source. */
export interface HistoryPorts {
  /** The version in force and its data; undefined: none. */
  readonly champion: (key: ModelKey) => Promise<ChampionData | undefined>;
  readonly rules: { for(key: ModelKey): Pick<ProductRules, 'checks'> };
}

/** What is checked: the days of a range, as already counted. */
export interface History {
  readonly key: ModelKey;
  readonly range: VisitRange;
  readonly counts: CountsByDayBack;
  readonly overrules: readonly Overrule[];
}

/**
 * Data Checker 1 before anything is drawn (rules R16): the days after the champion's data against the product's own
 * history.
 */
export async function checkHistory(
  reader: SourceReader,
  { key, range, counts, overrules }: History,
  ports: HistoryPorts,
): Promise<CheckFinding[]> {
  const champion = await ports.champion(key);
  const { checks } = ports.rules.for(key);
  const limits = limitsOfStage(champion ? checks : limitsOfFirstModel(checks));
  const calendar = { ...range, timeZone: reader.definition.timeZone };
  const from = firstNewDay(calendar, champion?.window ? new Date(champion.window.end) : undefined);
  const counted = daysOfRange(counts, calendar);
  const days = hasRhythm(counted, from)
    ? daysOfRange({ ...counts, tables: await tablesOf(reader, range, counts) }, calendar)
    : counted;
  return applyOverrules(findingsOf(checkDays(days, from, limits), limits), overrules);
}

/** The findings as lines of checks.json. */
export function linesOf(findings: readonly CheckFinding[]): InputCheck[] {
  const stops: ReadonlySet<StoredFinding> = new Set(stopsOf(findings));
  return findings.map((finding: StoredFinding): InputCheck => {
    const { code, column, figure, limit, words, overruled } = finding;
    return {
      check: code,
      ...(column === undefined ? {} : { column }),
      figure,
      limit,
      result: stops.has(finding) ? 'fail' : 'warn',
      note: overruled ? `${words} Overruled by ${overruled.by}: ${overruled.reason}` : words,
    };
  });
}

function tablesOf(reader: SourceReader, range: VisitRange, { visits }: CountsByDayBack) {
  const all = visits.reduce((sum, one) => sum + one.visits, 0);
  return reader.tableVisitsByDayBack(range, Math.min(1, VISITS_LOOKED_UP / Math.max(1, all)));
}
