import { messageOf, type Trial } from '@factory/domain';
import { EngineUnavailableError } from '@factory/engines';
import type { TrialData } from '../trial-data';
import type { TrialOutcome } from '../trial-outcome';
import { calibrationData, calibrationTrials } from './calibration-data';
import type { GroupOptions, TrialRunner } from './trial-pool';

/** The trial runner of this process, and why it was chosen. */
export interface RunnerChoice {
  readonly engine: string;
  /** Train rows per second over all trials, measured at the start if there was a choice. */
  readonly calibration?: { readonly pool: number; readonly gpu: number };
  /** Why an apparently available GPU is not used. */
  readonly gpuUnusable?: string;
}

/** A runner with its own threads. */
export interface EngineRunner extends TrialRunner {
  /** @returns the engine's name */
  start(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Worker threads or the GPU, whichever trains a short synthetic group faster on this machine; decided once, at the
 * start. The other is then closed.
 */
export class ChosenRunner implements TrialRunner {
  private chosen: TrialRunner;

  /**
   * @param gpu absent: there is no choice
   * @param isGpuForced use the GPU without measuring
   * @param nowMs a monotonic clock in milliseconds
   */
  constructor(
    private readonly pool: EngineRunner,
    private readonly gpu: EngineRunner | undefined,
    private readonly isGpuForced: boolean,
    private readonly nowMs: () => number,
  ) {
    this.chosen = pool;
  }

  /** @throws FactoryError `engine-unavailable` if the configured engine cannot be started */
  async start(): Promise<RunnerChoice> {
    if (!this.gpu) return { engine: await this.pool.start() };
    if (this.isGpuForced) return { engine: await this.takeGpu(this.gpu) };
    const [ofPool, ofGpu] = await Promise.all([this.pool.start(), startOnGpu(this.gpu)]);
    if (ofGpu instanceof Error) {
      await this.gpu.close();
      return { engine: ofPool, gpuUnusable: messageOf(ofGpu) };
    }
    // One after the other: they share the cores.
    const calibration = {
      pool: await this.rowsPerSecond(this.pool),
      gpu: await this.rowsPerSecond(this.gpu),
    };
    if (calibration.gpu > calibration.pool) return { engine: await this.takeGpu(this.gpu), calibration };
    await this.gpu.close();
    return { engine: ofPool, calibration };
  }

  runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    return this.chosen.runGroup(data, trials, options);
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.close(), this.gpu?.close()]);
  }

  private async takeGpu(gpu: EngineRunner): Promise<string> {
    const engine = await startOnGpu(gpu);
    if (engine instanceof Error) throw engine;
    await this.pool.close();
    this.chosen = gpu;
    return engine;
  }

  /** Train rows per second of a short group, over all its trials, after one epoch to warm up. */
  private async rowsPerSecond(runner: TrialRunner): Promise<number> {
    const data = calibrationData();
    await runner.runGroup(data, calibrationTrials(1), { seed: 'calibration' });
    const startedMs = this.nowMs();
    const outcomes = await runner.runGroup(data, calibrationTrials(2), { seed: 'calibration' });
    const epochs = outcomes.reduce((sum, outcome) => sum + (outcome.epochsRun ?? 0), 0);
    return Math.round((data.trainRows.length * epochs * 1000) / (this.nowMs() - startedMs));
  }
}

/** @returns the engine's name, or why it can't be used */
async function startOnGpu(gpu: EngineRunner): Promise<string | Error> {
  try {
    const engine = await gpu.start();
    if (engine === 'batched-gpu') return engine;
    return new EngineUnavailableError('gpu', `TensorFlow found none and would compute on ${engine}`);
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new EngineUnavailableError('gpu', messageOf(thrown));
  }
}
