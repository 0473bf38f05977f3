import { BatchedNetworks } from '../batched/batched-networks';
import { trainGroup } from '../batched/batched-trainer';
import { DeviceData } from '../batched/device-data';
import { predictOnDevice } from '../batched/predict-on-device';
import { startTfjsBackend, type TfjsBackend } from '../tfjs/tfjs-backend';
import type { TrainingEngine } from '../training-engine';

/** The batched trainer with one network at a time, for the engines' conformance suite. */
export async function batchedEngine(backend: TfjsBackend, nativeDir?: string): Promise<TrainingEngine> {
  const found = await startTfjsBackend(backend, nativeDir);
  return {
    name: `batched-${found}`,
    open: (data, settings, seed, state) => {
      const member = { settings, seed, ...(state ? { state } : {}) };
      const networks = new BatchedNetworks(new DeviceData(data), [member], seed);
      return {
        trainEpoch: (order, rate, signal) => networks.trainEpoch(order, [rate], signal)[0]!,
        evaluate: (rows) => networks.evaluate(rows)[0]!,
        weights: () => networks.weights(0),
        state: () => networks.state(0),
      };
    },
    train: async (data, settings, { seed, resumeFrom, onEpoch, ...options }) => {
      const onDevice = new DeviceData(data);
      try {
        const member = { settings, seed, ...(resumeFrom ? { resumeFrom } : {}) };
        const [trained] = await trainGroup(
          data,
          onDevice,
          [member],
          { ...options, sharedSeed: seed, onEpoch: (_member, record) => onEpoch?.(record) },
          () => performance.now(),
        );
        return trained!;
      } finally {
        onDevice.dispose();
      }
    },
    predictLogits: (weights, matrix, rows) => {
      const { features, width, oneHot } = matrix;
      const labels = new Uint8Array(oneHot ? oneHot.codes.length / oneHot.groups : features.length / width);
      const onDevice = new DeviceData({ ...matrix, labels, trainRows: rows, validationRows: rows });
      try {
        return predictOnDevice(onDevice, weights, rows);
      } finally {
        onDevice.dispose();
      }
    },
  };
}
