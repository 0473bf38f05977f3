import { nativeBinding } from '@factory/engines/conformance';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BatchedRunner } from './batched-runner';
import { calibrationData, calibrationTrials } from './calibration-data';
import { compileForSpecs } from './spec-compile-worker';
import { TrialPool } from './trial-pool';

jest.setTimeout(600_000);

/** Packed as in production: tfjs inside the bundle, the native packages outside. */
const packed = (worker: string) => compileForSpecs(join(__dirname, worker), ['@tensorflow/tfjs-node*']);

describe('the native binding under packed workers', () => {
  let files: string[];
  beforeAll(() => (files = ['batched.worker.ts', 'trial.worker.ts'].map(packed)));
  afterAll(() => files.forEach((file) => rmSync(file)));

  it('is used by the packed tfjs, and gives the same results as training one trial at a time', async () => {
    const nativeDir = nativeBinding();
    const [data, trials] = [calibrationData(), calibrationTrials(2)];
    const batched = new BatchedRunner({ nativeDir, workerFile: files[0]! });
    const pool = new TrialPool({ engine: 'tfjs-native', workers: 1, nativeDir, workerFile: files[1]! });
    try {
      expect(await batched.start()).toBe('batched-native');
      expect(await pool.start()).toBe('tfjs-native');
      const together = await batched.runGroup(data, trials, { seed: 'shop' });
      const apart = await pool.runGroup(data, trials.slice(0, 2), { seed: 'shop' });
      expect(together.map((one) => one.status)).toEqual(trials.map(() => 'done'));
      apart.forEach((one, index) => {
        expect(one.rocAuc).toBeGreaterThan(0.7);
        expect(Math.abs(together[index]!.rocAuc! - one.rocAuc!)).toBeLessThan(0.02);
        expect(Math.abs(together[index]!.validationLoss! - one.validationLoss!)).toBeLessThan(0.02);
      });
    } finally {
      await Promise.all([batched.close(), pool.close()]);
    }
  });
});
