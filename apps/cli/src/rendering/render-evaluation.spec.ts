import { FactoryError } from '@factory/domain';
import { evaluateScores } from '@factory/metrics';
import { Output } from './output';
import { renderEvaluation } from './render-evaluation';
import type { EvaluationReport } from '@factory/fleet';

const nowhere = { write: () => true };
const out = new Output(nowhere, nowhere);
const labels = Uint8Array.of(0, 0, 0, 1);
const weights = Float64Array.of(1, 1, 1, 1);
const sure = evaluateScores(Float64Array.of(0.1, 0.1, 0.1, 0.7), labels, weights, 0.5);
const unsure = evaluateScores(Float64Array.of(0.25, 0.25, 0.25, 0.25), labels, weights, 0.5);

function evaluation(given: Partial<EvaluationReport> = {}): EvaluationReport {
  return {
    judging: { part: 'out-of-time', rows: 1_204, goals: 130, leftOut: 0, reason: 'it holds 100 goals' },
    baseRate: 0.25,
    candidate: { trial: 3, combination: {}, parameters: 30, priorShift: 0 },
    metrics: { train: sure, test: null, outOfTime: unsure, judging: sure },
    champion: { version: '20230401T030000-0b8e3b0e', metrics: unsure },
    warnings: ['latency'],
    ...given,
  };
}

/** The cells of the line that begins with a title. */
function cells(text: string, title: string): string[] {
  const line = text.split('\n').find((one) => one.startsWith(title));
  if (!line) throw new FactoryError('no-line', `${title} is not in\n${text}`, false);
  return line.slice(title.length).trim().split(/ {2,}/);
}

describe('the figures of an evaluation', () => {
  it('are side by side: candidate, champion, and each part that has rows', () => {
    const text = renderEvaluation(evaluation(), out);
    expect(text.split('\n').slice(0, 2)).toEqual([
      'judged on 1,204 out-of-time rows with 130 goals: it holds 100 goals',
      'champion 20230401T030000-0b8e3b0e',
    ]);
    expect(text).toMatch(/^ +CANDIDATE +CHAMPION +TRAIN {2}OUT OF TIME$/m);
    expect(cells(text, 'rows')).toEqual(['4', '4', '4', '4']);
    expect(cells(text, 'auc')).toEqual(['1.0000', '0.5000', '1.0000', '0.5000']);
    // -(3 ln .9 + ln .7) / 4 and -(3 ln .75 + ln .25) / 4
    expect(cells(text, 'log-loss')).toEqual(['0.16819', '0.56234', '0.16819', '0.56234']);
    expect(cells(text, 'predicted / observed')).toEqual(['1.000', '1.000', '1.000', '1.000']);
    expect(cells(text, 'lift at 20 %')).toEqual(['4.00', '1.00', '4.00', '1.00']);
    expect(text.split('\n').at(-1)).toBe('warning: latency');
  });

  it('have no column for a missing champion, and say so', () => {
    const text = renderEvaluation(evaluation({ champion: null, warnings: [] }), out);
    expect(text).toContain('no champion to compare with');
    expect(text).not.toContain('CHAMPION');
  });

  it('say how many rows were left out because the champion was trained on them', () => {
    const judging = { ...evaluation().judging, leftOut: 1_000 };
    expect(renderEvaluation(evaluation({ judging }), out)).toContain('130 goals, 1,000 left out: ');
  });

  it('say how the share of goals has moved, and what half of the visitors said of the probabilities', () => {
    const interval = { estimate: 1.3, lower95: 1.2, upper95: 1.4, lower99: 1.1, upper99: 1.5 };
    const text = renderEvaluation(
      evaluation({
        judging: { ...evaluation().judging, half: 'b' },
        baseRateChange: { window: 0.02, outOfTime: 0.016, ratio: 0.8 },
        repair: {
          looked: { rows: 900, goals: 90, ratio: interval, slope: interval },
          ...{ fitted: { slope: 1, bias: -0.3 }, reason: 'repaired', words: 'Half a said so.' },
          ...{ before: null, after: null },
        },
      }),
      out,
    );
    expect(text.split('\n').slice(1, 4)).toEqual([
      'only half b of the out-of-time visitors judges',
      'In the training window 2.000 % of all visits reached the goal, on the days after it 1.600 %: 0.800 times as many.',
      'Half a said so.',
    ]);
  });

  it('are missing for a candidate whose scores are not numbers', () => {
    const metrics = { train: null, test: null, outOfTime: null, judging: null };
    const text = renderEvaluation(evaluation({ metrics, champion: null }), out);
    expect(text).toContain('its scores are not numbers: no figures');
  });

  it('have intervals, and the candidate beside simpler and earlier models, in sentences', () => {
    const difference = { estimate: -0.02, lower95: -0.03, upper95: 0.01, lower99: -0.04, upper99: 0.02 };
    const interval = { estimate: 0.168, lower95: 0.15, upper95: 0.19, lower99: 0.14, upper99: 0.2 };
    const bin = { from: 0.1, to: 0.1, rows: 4, goals: 1, weight: 4, predicted: 0.25, observed: 0.25 };
    const text = renderEvaluation(
      evaluation({
        judging: { ...evaluation().judging, reused: true },
        metrics: {
          ...evaluation().metrics,
          judging: {
            ...sure,
            intervals: { logLoss: interval, rocAuc: { ...interval, lower95: 0.9, upper95: 1 } },
            reliability: [{ ...bin, lower95: 0.05, upper95: 0.7 }],
          },
        },
        baselines: {
          baseRate: { logLoss: 0.56234, difference },
          logistic: { metrics: unsure, difference },
        },
        champion: { version: 'v1', metrics: unsure, difference, ageDays: 7 },
        anchor: { version: 'v0', logLoss: 0.5, difference },
        scoreChecks: [
          { code: 'score-shift', severity: 'warn', figure: 1, limit: 0.5, words: 'Scores have moved.' },
        ],
        dataChecks: [
          {
            ...{ code: 'shift-small', severity: 'warn', figure: 1, limit: 0.2, column: 'device' },
            words: 'Shares have moved.',
          },
        ],
        bytes: 16_141,
        latencyMicros: 25,
      }),
      out,
    );
    expect(text).toMatch(/^ +CANDIDATE +CHAMPION +LOGISTIC +TRAIN {2}OUT OF TIME$/m);
    const lines = text.split('\n');
    for (const line of [
      'some of these rows judged the champion before: better needs the 99 % bound',
      'champion v1, 7.0 days old',
      '95 % intervals: log-loss 0.15000 to 0.19000, ROC-AUC 0.9000 to 1.0000',
      'log-loss minus that of the base rate alone (0.56234): -0.02000, 95 % interval -0.03000 to +0.01000',
      'log-loss minus that of logistic regression (0.56234): -0.02000, 95 % interval -0.03000 to +0.01000',
      'log-loss minus that of champion v1 (0.56234): -0.02000, 95 % interval -0.03000 to +0.01000',
      'log-loss minus that of anchor v0 (0.50000): -0.02000, 95 % interval -0.03000 to +0.01000',
      'the model: 16,141 bytes, 0.025 ms to score a row',
      'check of scores: score-shift, warn: Scores have moved.',
      'check of data: shift-small (device), warn: Shares have moved.',
    ])
      expect(lines).toContain(line);
    expect(text).toMatch(/^ *25\.000 % +25\.000 % +5\.000 % to 70\.000 % +4 +1$/m);
  });
});
