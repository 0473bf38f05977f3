import { TaskThread } from '@factory/task-thread';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { buildMatrix, MatrixInput } from './build-matrix';
import type { fitDataset, FitInput, FittedDataset } from './fit-dataset';
import type { TrialData } from './trial-data';

/** What planning and training a group need of a thread beside the trials' own. */
export interface DatasetWork {
  fit(input: FitInput, signal?: AbortSignal): Promise<FittedDataset>;
  matrix(input: MatrixInput): Promise<TrialData>;
}

/** The trainer's thread for work on whole datasets; `planning.worker.cjs` lies beside the bundle. */
@Injectable()
export class PlanningThread implements DatasetWork, OnApplicationShutdown {
  private readonly thread = new TaskThread<{
    fitDataset: typeof fitDataset;
    buildMatrix: typeof buildMatrix;
  }>(join(__dirname, 'planning.worker.cjs'));

  fit(input: FitInput, signal?: AbortSignal): Promise<FittedDataset> {
    return this.thread.run('fitDataset', input, signal);
  }

  matrix(input: MatrixInput): Promise<TrialData> {
    return this.thread.run('buildMatrix', input);
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }
}
