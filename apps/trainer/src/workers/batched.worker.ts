import { codeOf, messageOf } from '@factory/domain';
import {
  DeviceData,
  isUsingGpu,
  predictOnDevice,
  startTfjsBackend,
  trainedNetwork,
  trainGroup,
} from '@factory/engines';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { outcomeOf, sharedSeed, trialSeed } from '../run-trial';
import type { TrialOutcome } from '../trial-outcome';
import type { BatchedOrder, BatchedReply, BatchedWorkerSettings } from './batched-messages';
import { watchCancelFlag } from './trial-messages';

/** Entry point of the worker thread that trains groups of networks as one program, one group after the other. */
const { backend, nativeDir } = workerData as BatchedWorkerSettings;
const reply = (message: BatchedReply) => parentPort?.postMessage(message);
const fail = (thrown: unknown) => reply({ kind: 'failed', code: codeOf(thrown), message: messageOf(thrown) });

async function train(engine: string, order: BatchedOrder): Promise<TrialOutcome[]> {
  const { data, trials, seed, untilEpoch, resumeFrom } = order;
  const signal = watchCancelFlag(order.cancel);
  const onDevice = new DeviceData(data);
  try {
    const members = trials.map(({ trial, settings }) => ({
      settings,
      seed: trialSeed(seed, trial),
      resumeFrom: resumeFrom?.get(trial)?.training,
    }));
    const onEpoch = (member: number, record: BatchedEpoch['record']) =>
      reply({ kind: 'epoch', trial: trials[member]?.trial ?? 0, record });
    const options = { sharedSeed: sharedSeed(seed), signal, untilEpoch, onEpoch };
    const trained = await trainGroup(data, onDevice, members, options, () => performance.now());
    return trials.flatMap((trial, index) => {
      const one = trained[index];
      if (!one) return [];
      const network = trainedNetwork(one, (rows) => predictOnDevice(onDevice, one.weights, rows));
      return outcomeOf(engine, data, trial, network, signal);
    });
  } finally {
    onDevice.dispose();
  }
}

type BatchedEpoch = Extract<BatchedReply, { kind: 'epoch' }>;

startTfjsBackend(backend, nativeDir).then((found) => {
  const engine = `batched-${isUsingGpu() ? 'gpu' : found}`;
  parentPort?.on('message', (order: BatchedOrder) => {
    train(engine, order).then((outcomes) => reply({ kind: 'done', outcomes }), fail);
  });
  reply({ kind: 'ready', engine });
}, fail);
