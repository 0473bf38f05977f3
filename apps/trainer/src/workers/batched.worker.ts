import { codeOf, messageOf } from '@factory/domain';
import { trainGroup, DeviceData, predictOnDevice, isUsingGpu, startTfjsBackend } from '@factory/engines';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { outcomeOf, sharedSeed, trialSeed, type TrialOutcome } from '../run-trial';
import type { BatchedOrder, BatchedReply, BatchedWorkerSettings } from './batched-messages';
import { watchCancelFlag } from './trial-messages';

/** Entry of the worker thread that trains groups of trials as one program, one group after the other. */
const { backend, nativeDir } = workerData as BatchedWorkerSettings;
const reply = (message: BatchedReply) => parentPort?.postMessage(message);
const fail = (thrown: unknown) => reply({ kind: 'failed', code: codeOf(thrown), message: messageOf(thrown) });

async function train(engine: string, order: BatchedOrder): Promise<TrialOutcome[]> {
  const { data, combinations, seed, untilEpoch, resumeFrom } = order;
  const signal = watchCancelFlag(order.cancel);
  const trials = combinations.map(({ trial }) => trial);
  const onDevice = new DeviceData(data);
  try {
    const members = combinations.map((combination) => ({
      combination,
      seed: trialSeed(seed, combination.trial),
      resumeFrom: resumeFrom?.get(combination.trial),
    }));
    const onEpoch = (member: number, record: BatchedEpoch['record']) =>
      reply({ kind: 'epoch', trial: trials[member] ?? 0, record });
    const options = { sharedSeed: sharedSeed(seed), signal, untilEpoch, onEpoch };
    const trained = await trainGroup(data, onDevice, members, options, () => performance.now());
    const measuring: Parameters<typeof outcomeOf>[0] = {
      name: engine,
      predictLogits: (weights, _data, rows) => predictOnDevice(onDevice, weights, rows),
    };
    return combinations.flatMap((combination, index) => {
      const one = trained[index];
      return one ? outcomeOf(measuring, data, combination, one, signal) : [];
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
