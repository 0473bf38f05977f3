import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches, TextColumn } from '@factory/dataset';
import { sigmoid } from '@factory/domain';
import { logLosses } from '@factory/metrics';
import { readVerified, type ByteSource } from '@factory/object-store';
import type { KernelBuild } from '@factory/training-kernel';
import { BatchScorer, type ScoredModel } from '../batch-scorer';
import { outOfTimeRows } from '../judging-rows';
import type { WindowLosses } from './choose-window';

/** Half a of the out-of-time rows, with the losses of each model. */
export interface ScoredWindows extends Omit<WindowLosses, 'seed'> {
  readonly goals: number;
}

/**
 * Scores the out-of-time rows of half a with each model, as the bytes arrive; nothing else of the dataset is kept. Blocks
 * while it waits for bytes, so it runs on a separate thread.
 *
 * @param models natural probabilities, with the prior shift
 * @throws IntegrityError if the bytes are not what sampling wrote
 */
export function scoreWindows(
  dataset: ArtefactRef,
  source: ByteSource,
  models: readonly ScoredModel[],
  kernel: KernelBuild,
): ScoredWindows {
  const scorers = models.map((model) => new BatchScorer(model, kernel));
  const scores = models.map((): number[] => []);
  const [labels, weights, places]: number[][] = [[], [], []];
  const visitors = new TextColumn();
  let first = 0;
  readVerified(source, dataset, (bytes) => {
    for (const batch of readDatasetBatches(bytes)) {
      const { visitorIds } = batch.visits();
      visitors.add(visitorIds.offsets, visitorIds.bytes);
      const rows = outOfTimeRows(batch, 'a');
      for (const row of rows) {
        labels?.push(batch.labels[row] ?? 0);
        weights?.push(batch.weights[row] ?? 0);
        places?.push(first + row);
      }
      for (const scorer of scorers) scorer.begin(rows);
      for (const columns of batch.features) for (const scorer of scorers) scorer.add(columns);
      scorers.forEach((scorer, at) => {
        const logits = scorer.end();
        for (let k = 0; k < rows.length; k++) scores[at]?.push(scoreOf(logits[k]));
      });
      first += batch.rows;
    }
  });
  const known = Uint8Array.from(labels ?? []);
  return {
    losses: scores.map((of) => logLosses(Float64Array.from(of), known)),
    weights: Float64Array.from(weights ?? []),
    groups: visitors.groupNumbers(Uint32Array.from(places ?? [])),
    goals: known.reduce((sum, label) => sum + label, 0),
  };
}

/** An infinite logit makes a finite probability, and is no score all the same. */
function scoreOf(logit = NaN): number {
  return Number.isFinite(logit) ? sigmoid(logit) : NaN;
}
