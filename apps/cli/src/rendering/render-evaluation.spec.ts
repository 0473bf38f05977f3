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

  it('are missing for a candidate whose scores are not numbers', () => {
    const metrics = { train: null, test: null, outOfTime: null, judging: null };
    const text = renderEvaluation(evaluation({ metrics, champion: null }), out);
    expect(text).toContain('its scores are not numbers: no figures');
  });
});
