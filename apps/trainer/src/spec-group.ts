import { encodeDataset } from '@factory/dataset';
import type { Dataset, Trial } from '@factory/domain';
import { fitTransform } from '@factory/normalisation';
import { sha256Of } from '@factory/object-store';
import { Readable } from 'node:stream';
import { DatasetMemory } from './dataset-memory';
import type { GroupNote } from './group-note';
import type { DatasetWork } from './planning-thread';
import type { TrialOutcome } from './trial-outcome';
import { workHere } from './spec-dataset-work';
import { specTrial } from './spec-trials';
import { TrainGroup, type GroupRequest } from './train-group';
import type { GroupProgress } from './train-trials';
import type { TrialData } from './trial-data';
import type { GroupOptions, TrialRunner } from './workers/trial-pool';

const ROWS = 12;
const dataset: Dataset = {
  rows: ROWS,
  features: [{ kind: 'number', name: 'x', values: Float32Array.from({ length: ROWS }, (_, row) => row) }],
  visitIds: Array.from({ length: ROWS }, (_, row) => `v${row}`),
  visitorIds: Array.from({ length: ROWS }, (_, row) => `w${row}`),
  visitTimes: new Float64Array(ROWS),
  labels: Uint8Array.from({ length: ROWS }, (_, row) => row % 2),
  // Four rows each of train, validation and test.
  marks: Uint8Array.from({ length: ROWS }, (_, row) => Math.floor(row / 4)),
  weights: new Float64Array(ROWS).fill(1),
};
const files = {
  dataset: Buffer.from(encodeDataset(dataset)),
  transform: Buffer.from(JSON.stringify(fitTransform(dataset.features, Uint32Array.of(0, 1, 2, 3)))),
};

/** For specs: the references to files in the group's message. */
export const refOf = (key: keyof typeof files) => ({
  key,
  sha256: sha256Of(files[key]),
  bytes: files[key].length,
});

/** For specs: where those files are. */
export const groupStore = {
  get: (key: string) => Promise.resolve(files[key as keyof typeof files]),
  getStream: (key: string) => Promise.resolve(Readable.from([files[key as keyof typeof files]])),
};

/** For specs: ends the trials one after the other with given outcomes. */
export class FakeRunner implements TrialRunner {
  readonly ran: number[] = [];
  data: TrialData | undefined;
  options: GroupOptions | undefined;

  constructor(private readonly end: (one: Trial) => TrialOutcome | 'crash') {}

  async runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    const { beforeTrial, onEpoch, onOutcome } = options;
    this.data = data;
    this.options = options;
    const outcomes = new Map<number, TrialOutcome>();
    for (const one of trials) {
      await beforeTrial?.(one.trial);
      this.ran.push(one.trial);
      const outcome = this.end(one);
      if (outcome === 'crash') throw new Death();
      onEpoch?.(one.trial, { epoch: 1 } as Parameters<NonNullable<typeof onEpoch>>[1]);
      outcomes.set(one.trial, outcome);
      await onOutcome?.(outcome);
    }
    return trials.flatMap(({ trial }) => outcomes.get(trial) ?? []);
  }
}

/** For specs: simulates the end of the process: nothing after it happens. */
class Death extends Error {}

/** For specs: successive processes that work on the same group. */
export class Pod {
  notes: GroupNote[] = [];
  readonly told: GroupProgress[] = [];

  constructor(
    private readonly memory = new DatasetMemory(1_000_000),
    private readonly datasets: DatasetWork = workHere,
  ) {}

  run(runner: TrialRunner, trials: readonly number[], changes: Partial<GroupRequest> = {}) {
    return new TrainGroup(groupStore, this.datasets, this.memory, runner).execute({
      dataset: refOf('dataset'),
      transform: refOf('transform'),
      seed: 's',
      f1: 1,
      f0: 0.1,
      matrix: { rows: ROWS, width: 1 },
      trials: trials.map((trial) => specTrial(trial, { epochs: 5 })),
      leftBehind: this.notes.at(-1),
      signal: new AbortController().signal,
      writeNote: (note) => {
        this.notes.push(note);
        return Promise.resolve();
      },
      onProgress: (progress) => this.told.push(progress),
      ...changes,
    });
  }

  /** Runs until the process dies. */
  async dies(runner: TrialRunner, trials: readonly number[]): Promise<void> {
    await expect(this.run(runner, trials)).rejects.toBeInstanceOf(Death);
  }
}

/** For specs: trials with their outcomes. */
export const statuses = (outcomes: readonly TrialOutcome[]) =>
  outcomes.map(({ trial, status }) => `${trial} ${status}`);
