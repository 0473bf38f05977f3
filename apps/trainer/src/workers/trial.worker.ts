import { codeOf, messageOf } from '@factory/domain';
import { createEngine, trainingFamilies } from '@factory/engines';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { runTrial } from '../run-trial';
import { collectGarbage } from './collect-garbage';
import {
  watchCancelFlag,
  type TrialOrder,
  type TrialReply,
  type TrialWorkerSettings,
} from './trial-messages';

/** Entry point of a worker thread: creates one engine, then trains one trial after the other. */
const { engine: engineName, ...options } = workerData as TrialWorkerSettings;
const reply = (message: TrialReply) => parentPort?.postMessage(message);
const fail = (thrown: unknown) => reply({ kind: 'failed', code: codeOf(thrown), message: messageOf(thrown) });

async function train(families: ReturnType<typeof trainingFamilies>, order: TrialOrder): Promise<void> {
  try {
    const { data, trial, cancel, ...options } = order;
    const outcome = await runTrial(families[trial.family], data, trial, {
      ...options,
      signal: watchCancelFlag(cancel),
      onEpoch: (record) => reply({ kind: 'epoch', record }),
    });
    reply({ kind: 'done', outcome });
  } catch (thrown) {
    fail(thrown);
  } finally {
    collectGarbage();
  }
}

createEngine(engineName, () => performance.now(), options).then((engine) => {
  const families = trainingFamilies(engine);
  parentPort?.on('message', (order: TrialOrder) => void train(families, order));
  reply({ kind: 'ready', engine: engine.name });
}, fail);
