import type { WindowMessage } from '@factory/contracts';
import { priorShift } from '@factory/domain';
import {
  buildPercentiles,
  decodeModel,
  REPORT_SCHEMA_VERSION,
  type Percentiles,
  type Report,
} from '@factory/model';
import { parseTransform, type Transform } from '@factory/normalisation';
import type { ByteSource } from '@factory/object-store';
import { loadKernel } from '@factory/training-kernel';
import { importanceOf, sampleFor } from './candidate-importance';
import type { JudgementInput, JudgementPorts, LoadedChampion, LoadedVersion } from './judgement-input';
import type { JudgingRows, ChampionTimes, Span } from './judging-rows';
import { judgedRowsOf } from './judged-rows';
import { measureCandidate } from './measure-candidate';
import { reachVerdict } from './reach-verdict';
import { baseRateChange, repairCandidate } from './repair-candidate';
import { rowLatency } from './row-latency';
import { scoreFindings } from './score-checks';
import { scoreVisits, type Models } from './score-visits';
import { writeScores } from './write-scores';

/**
 * Evaluates a candidate, repairs its probabilities where they are off, compares it with the champion, its anchor and
 * simpler models, and reaches the verdict (rules R6, R7, R8). Pure except for the streams and the clock. Holds the visits without their features in memory, and one batch of
 * features at a time.
 *
 * A candidate with a logit that is not finite is rejected and has no metrics; a champion with one on the judging rows
 * counts as no champion, with a warning; so does any other model that it is compared with.
 *
 * @param datasetBytes of dataset.arrow
 * @throws IntegrityError if the bytes are not what sampling wrote
 */
export function judgeCandidate(
  input: JudgementInput,
  datasetBytes: ByteSource,
  ports: JudgementPorts,
): Report {
  const { run, source, product, goal, window, candidate, trial, champion } = input;
  const transform = parseTransform(JSON.parse(Buffer.from(input.transform).toString('utf8')));
  const shift = priorShift(input.counts.f1, input.counts.f0);
  const natural = decodeModel(trial.family, input.weights).shifted(shift);
  const { build: kernel } = loadKernel();
  const scored = scoreVisits(input.dataset, datasetBytes, {
    candidate: { model: natural, transform },
    others: othersOf(input, transform, shift),
    kernel,
    sample: sampleFor(transform, input.counts),
  });
  const times = champion ? timesOf(champion) : undefined;
  const { visits, judging, repair } = repairCandidate(scored, input, times);
  const model = repair?.fitted ? natural.rescaled(repair.fitted) : natural;
  const { part, half, rows, goals, leftOut, reused } = judging;
  const measured = measureCandidate(visits, judging, {
    ...{ run, terms: input.rules.profit },
    trainFromMs: input.windows ? Date.parse(window.start) : undefined,
  });
  writeScores(visits, rows, ports.writeScores);

  const { figures, unusable } = measured;
  const opponent = champion && !unusable.includes('champion') ? champion : null;
  const anchor = opponent && !unusable.includes('anchor') ? opponent.anchor : null;
  const percentiles = percentilesOf(measured.probabilities, visits, judging);
  const scoreChecks = scoreFindings(
    visits,
    { judging: rows, isRepaired: model !== natural },
    percentiles?.scores ?? [],
    input.checks,
    input.overrules,
  );
  const bytes = [...model.toFiles(`${source}_${goal}_${product}`).values()].reduce(
    (sum, file) => sum + file.length,
    0,
  );
  const latencyMicros =
    percentiles && figures
      ? rowLatency({ model, transform, percentiles }, visits.firstRows, ports.clock)
      : undefined;
  const ageDays = opponent ? ageOf(opponent, input) : 0;
  const others = figures?.others;
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    ...{ run, source, product, goal, createdAt: input.createdAt, window },
    ...(input.featureMoment ? { featureMoment: input.featureMoment } : {}),
    judging: {
      ...{ part, ...(half ? { half } : {}), rows: rows.length, goals, leftOut, reused },
      reason: reasonOf(judging, window),
    },
    baseRate: measured.baseRate,
    ...baseRateChange(visits, input.counts),
    candidate: {
      trial: candidate.trial,
      family: trial.family,
      combination: { trial: trial.trial, ...trial.settings },
      parameters: candidate.parameters,
      priorShift: shift,
    },
    metrics: { ...measured.parts, judging: figures?.metrics ?? null },
    baselines: figures && {
      baseRate: figures.baseRate,
      ...(others?.logistic ? { logistic: others.logistic } : {}),
    },
    champion:
      opponent && others?.champion ? { version: opponent.version, ...others.champion, ageDays } : null,
    anchor:
      anchor && others?.anchor
        ? {
            version: anchor.version,
            logLoss: others.anchor.metrics.logLoss,
            difference: others.anchor.difference,
          }
        : null,
    verdict: reachVerdict({
      candidate: { family: trial.family, parameters: candidate.parameters, bytes, latencyMicros },
      judging: { goals, reused },
      figures,
      champion: opponent && { ...opponent, ageDays },
      anchor,
      held: input.held,
      scoreChecks,
      rules: input.rules,
    }),
    scoreChecks,
    dataChecks: [...input.dataChecks],
    bytes,
    ...(latencyMicros === undefined ? {} : { latencyMicros }),
    ...(figures ? { importance: importanceOf({ model, transform }, visits, judging, kernel) } : {}),
    repair,
    ...(input.windows ? { windows: input.windows } : {}),
    warnings: [...input.warnings, ...unusable.map((name) => notNumbers(name, champion))],
  };
}

function othersOf(
  { champion, logistic }: JudgementInput,
  transform: Transform,
  shift: number,
): Models['others'] {
  const scored = (version: LoadedVersion) => ({
    model: decodeModel(version.family, version.model),
    transform: version.transform,
  });
  return {
    ...(champion ? { champion: scored(champion) } : {}),
    ...(champion?.anchor ? { anchor: scored(champion.anchor) } : {}),
    ...(logistic
      ? { logistic: { model: decodeModel(logistic.family, logistic.model).shifted(shift), transform } }
      : {}),
  };
}

/** Also what the anchor was fitted on: a comparison on rows that it learned from would flatter it. */
function timesOf({ window, decidedOn, anchor }: LoadedChampion): ChampionTimes {
  return {
    learned: [{ window, decidedOn }, ...(anchor ? [anchor] : [])].flatMap(learnedBy),
    endMs: Date.parse(window.end),
  };
}

function learnedBy({ window, decidedOn }: Pick<LoadedVersion, 'window' | 'decidedOn'>): Span[] {
  const spanOf = (start: string, end: string) => ({ fromMs: Date.parse(start), toMs: Date.parse(end) });
  return [
    spanOf(window.start, window.trainEnd),
    ...(decidedOn ? [{ ...spanOf(decidedOn.start, decidedOn.end), half: decidedOn.half }] : []),
  ];
}

const DAY_MS = 86_400_000;

/** Days between the ends of their data; without times there is no such end, and the days in force count. */
function ageOf(champion: LoadedChampion, { window, createdAt }: JudgementInput): number {
  if (window.noTime || champion.window.noTime)
    return Math.max(0, Date.parse(createdAt) - Date.parse(champion.since)) / DAY_MS;
  return (Date.parse(window.end) - Date.parse(champion.window.end)) / DAY_MS;
}

function percentilesOf(
  probabilities: Float64Array,
  visits: Parameters<typeof judgedRowsOf>[0],
  { rows }: JudgingRows,
): Percentiles | undefined {
  const { weights } = judgedRowsOf(visits, rows);
  return rows.length === 0 || weights.every((weight) => weight === 0)
    ? undefined
    : buildPercentiles(probabilities, weights);
}

function reasonOf({ reason, reused }: JudgingRows, { noTime }: WindowMessage): string {
  if (!noTime) return reason;
  return `no time: there is no out-of-time part${reused ? '; the test rows may have judged the champion before' : ''}`;
}

function notNumbers(name: string, champion: LoadedChampion | null): string {
  const version = name === 'champion' ? champion?.version : champion?.anchor?.version;
  if (name === 'logistic') return 'logistic regression gives scores that are not numbers';
  return `${name} ${version} gives scores that are not numbers`;
}
