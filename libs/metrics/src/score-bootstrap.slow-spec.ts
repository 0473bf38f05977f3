import type { BootstrapInterval } from './group-draws';
import { evaluateScores } from './evaluate-scores';
import { pairedBootstrap } from './paired-bootstrap';
import { logLosses } from './probability-metrics';
import { bootstrapScores } from './score-bootstrap';
import { drawVisits } from './spec-visits';

const CASES = 1000;
const VISITORS = 400;
const FIGURES = ['logLoss', 'rocAuc', 'calibrationRatio', 'meanScore', 'difference'] as const;

/** What the figures are among visitors without end, nearly. */
function truth(): Record<(typeof FIGURES)[number], number> {
  const { challenger, champion, labels, weights } = drawVisits(400_000, 999);
  const figures = evaluateScores(challenger, labels, weights, 0.5);
  return {
    ...figures,
    meanScore: figures.calibrationRatio * figures.baseRate,
    difference: figures.logLoss - evaluateScores(champion, labels, weights, 0.5).logLoss,
  };
}

describe('95 % intervals over visitors who come again', () => {
  it('hold the truth in 93 to 97 of 100 cases', () => {
    const wanted = truth();
    const held = { logLoss: 0, rocAuc: 0, calibrationRatio: 0, meanScore: 0, difference: 0 };
    for (let seed = 1; seed <= CASES; seed++) {
      const { challenger, champion, ...visits } = drawVisits(VISITORS, seed);
      const found: Record<(typeof FIGURES)[number], BootstrapInterval> = {
        ...bootstrapScores({ scores: challenger, ...visits }, { seed }),
        difference: pairedBootstrap({
          lossA: logLosses(challenger, visits.labels),
          lossB: logLosses(champion, visits.labels),
          ...visits,
          seed,
        }),
      };
      for (const name of FIGURES)
        if (found[name].lower95 <= wanted[name] && wanted[name] <= found[name].upper95) held[name]++;
    }
    for (const name of FIGURES) {
      expect([name, held[name] / CASES >= 0.93]).toEqual([name, true]);
      expect([name, held[name] / CASES <= 0.97]).toEqual([name, true]);
    }
  });
});
