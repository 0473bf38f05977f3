import { NetworkModel } from '@factory/model';
import type { TrainedTrial, TrainingEngine } from '../training-engine';
import type { ModelFamily, TrainedModel } from './model-family';

/** Networks, trained by one of the engines. */
export function networkFamily(engine: TrainingEngine): ModelFamily<'network'> {
  return {
    name: 'network',
    engine: engine.name,
    async train(data, { settings }, { resumeFrom, ...options }) {
      const trained = await engine.train(data, settings, { ...options, resumeFrom: resumeFrom?.training });
      return trainedNetwork(trained, (rows) => engine.predictLogits(trained.weights, data, rows));
    },
  };
}

/** The result of an engine in the form of any family. @param logits by the engine, see `TrainedModel` */
export function trainedNetwork(
  { weights, history, epochs, rateDrops, diverged, paused }: TrainedTrial,
  logits: TrainedModel['logits'],
): TrainedModel {
  return {
    model: new NetworkModel(weights),
    logits,
    history,
    epochs,
    rateDrops,
    diverged,
    paused: paused && { family: 'network', steps: paused.history.length, training: paused },
  };
}
