import { FactoryError, MARKS, priorShift, type Dataset, type NumberedCombination } from '@factory/domain';
import { encodeDataset, sha256Of } from '@factory/object-store';
import { fitTransform } from '@factory/normalisation';
import { Readable } from 'node:stream';
import { DatasetMemory } from './dataset-memory';
import { NO_FIGURES, type TrialOutcome } from './run-trial';
import { noteLeftBehind, type GroupNote } from './group-note';
import { workHere } from './spec-dataset-work';
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
  marks: Uint8Array.from({ length: ROWS }, (_, row) =>
    MARKS.indexOf((['train', 'validation', 'test'] as const)[Math.floor(row / 4)]!),
  ),
  weights: new Float64Array(ROWS).fill(1),
};
const files = {
  dataset: Buffer.from(encodeDataset(dataset)),
  transform: Buffer.from(JSON.stringify(fitTransform(dataset.features, Uint32Array.of(0, 1, 2, 3)))),
};
const refOf = (key: keyof typeof files) => ({ key, sha256: sha256Of(files[key]), bytes: files[key].length });
const combination = (trial: number): NumberedCombination => ({
  trial,
  node1: 8,
  node2: 4,
  dropout1: 0.2,
  dropout2: 0.2,
  optimizer: 'adam',
  learningRate: 0.001,
  lrAnnealing: 0.1,
  batchSize: 256,
  epochs: 5,
});
const done = (one: NumberedCombination, loss: number): TrialOutcome => ({
  ...NO_FIGURES,
  combination: one,
  status: 'done',
  naturalValidationLogLoss: loss,
  parameters: 10,
  weights: null,
  history: [],
});
const failed = (one: NumberedCombination): TrialOutcome => ({
  ...done(one, 0),
  status: 'failed',
  naturalValidationLogLoss: null,
  error: 'trial-worker-lost: out of memory',
});

/** Ends each trial as told, one after the other. */
class FakeRunner implements TrialRunner {
  readonly ran: number[] = [];
  data: TrialData | undefined;
  options: GroupOptions | undefined;

  constructor(private readonly end: (one: NumberedCombination) => TrialOutcome | 'crash') {}

  async runGroup(
    data: TrialData,
    combinations: readonly NumberedCombination[],
    options: GroupOptions,
  ): Promise<TrialOutcome[]> {
    const { beforeTrial, onEpoch, onOutcome } = options;
    this.data = data;
    this.options = options;
    const outcomes = new Map<number, TrialOutcome>();
    for (const one of combinations) {
      await beforeTrial?.(one.trial);
      this.ran.push(one.trial);
      const outcome = this.end(one);
      if (outcome === 'crash') throw new Death();
      onEpoch?.(one.trial, { epoch: 1 } as Parameters<NonNullable<typeof onEpoch>>[1]);
      outcomes.set(one.trial, outcome);
      await onOutcome?.(outcome);
    }
    return combinations.map(({ trial }) => outcomes.get(trial)!);
  }
}
/** Stands for the end of the process: nothing after it happens. */
class Death extends Error {}

/** One process after another that takes up the same group. */
class Pod {
  notes: GroupNote[] = [];
  readonly told: GroupProgress[] = [];

  run(runner: TrialRunner, trials: readonly number[], changes: Partial<GroupRequest> = {}) {
    const group = new TrainGroup(
      {
        get: (key) => Promise.resolve(files[key as keyof typeof files]),
        getStream: (key) => Promise.resolve(Readable.from([files[key as keyof typeof files]])),
      },
      workHere,
      new DatasetMemory(1_000_000),
      runner,
    );
    return group.execute({
      dataset: refOf('dataset'),
      transform: refOf('transform'),
      seed: 's',
      f1: 1,
      f0: 0.1,
      matrix: { rows: ROWS, width: 1 },
      combinations: trials.map(combination),
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

const statuses = (outcomes: readonly TrialOutcome[]) =>
  outcomes.map(({ combination: { trial }, status }) => `${trial} ${status}`);

describe('training a group', () => {
  it('gives an outcome for every combination, in their order, on the transformed rows', async () => {
    const runner = new FakeRunner((one) => done(one, one.trial / 10));
    expect(statuses(await new Pod().run(runner, [3, 1, 2]))).toEqual(['3 done', '1 done', '2 done']);
    expect(runner.data).toMatchObject({ width: 1, shift: priorShift(1, 0.1) });
    expect([...runner.data!.trainRows]).toEqual([0, 1, 2, 3]);
  });

  it('lets a failed trial fail for itself', async () => {
    const runner = new FakeRunner((one) => (one.trial === 2 ? failed(one) : done(one, 0.2)));
    expect(statuses(await new Pod().run(runner, [1, 2, 3]))).toEqual(['1 done', '2 failed', '3 done']);
  });

  it('tells the trial, how many are done, and the best so far', async () => {
    const losses: Record<number, number> = { 1: 0.3, 3: 0.1, 4: 0.2 };
    const pod = new Pod();
    const runner = new FakeRunner((one) => (one.trial === 2 ? failed(one) : done(one, losses[one.trial]!)));
    await pod.run(runner, [1, 2, 3, 4]);
    const trialsTotal = 4;
    expect(pod.told).toEqual([
      { trial: 1, epoch: 1, trialsDone: 0, trialsTotal },
      { trial: 1, trialsDone: 1, trialsTotal, best: 0.3 },
      { trial: 2, epoch: 1, trialsDone: 1, trialsTotal, best: 0.3 },
      { trial: 2, trialsDone: 2, trialsTotal, best: 0.3 },
      { trial: 3, epoch: 1, trialsDone: 2, trialsTotal, best: 0.3 },
      { trial: 3, trialsDone: 3, trialsTotal, best: 0.1 },
      { trial: 4, epoch: 1, trialsDone: 3, trialsTotal, best: 0.1 },
      { trial: 4, trialsDone: 4, trialsTotal, best: 0.1 },
    ]);
  });

  it('refuses files that are not what their stages wrote, before any trial', async () => {
    const runner = new FakeRunner((one) => done(one, 0.1));
    const other = { ...refOf('dataset'), sha256: 'f'.repeat(64) };
    await expect(new Pod().run(runner, [1], { dataset: other })).rejects.toMatchObject({
      code: 'sha256-mismatch',
    });
    expect(runner.ran).toEqual([]);
  });

  it('loads nothing that could never fit', async () => {
    const matrix = { rows: 1_000_000, width: 400 };
    await expect(
      new Pod().run(new FakeRunner((one) => done(one, 0.1)), [1], { matrix }),
    ).rejects.toMatchObject({ code: 'dataset-too-large' });
  });
});

describe('a trial that ends processes', () => {
  const crashesOn =
    (...trials: number[]) =>
    (one: NumberedCombination) =>
      trials.includes(one.trial) ? ('crash' as const) : done(one, 0.1);

  it('was noted as in hand before it started', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    expect(pod.notes.at(-1)).toEqual({ inHand: [2], crashes: {} });
  });

  it('gets one more chance, then is crashed and skipped while the others run', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    const third = new FakeRunner(crashesOn(2));
    const outcomes = await pod.run(third, [1, 2, 3]);
    expect(statuses(outcomes)).toEqual(['1 done', '2 crashed', '3 done']);
    expect(outcomes[1]).toMatchObject({ error: 'ended 2 processes: skipped', weights: null });
    expect(third.ran).toEqual([1, 3]);
    expect(pod.told.at(-1)).toMatchObject({ trialsDone: 3, trialsTotal: 3 });
  });

  it('is done like any other when its second chance succeeds', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    expect(statuses(await pod.run(new FakeRunner(crashesOn()), [1, 2, 3]))).toEqual([
      '1 done',
      '2 done',
      '3 done',
    ]);
  });

  it('does not take the count of another with it', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(1)), [1, 2, 3]);
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    expect(statuses(await pod.run(new FakeRunner(crashesOn()), [1, 2, 3]))).toEqual([
      '1 done',
      '2 crashed',
      '3 done',
    ]);
  });

  it('makes suspects of all that ran beside it: they run alone, so that the next crash names one', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1, 3], crashes: {} });
    const second = new FakeRunner(crashesOn(3));
    await pod.dies(second, [1, 2, 3]);
    expect(second.options!.alone).toEqual(new Set([1, 3]));
    const third = new FakeRunner(crashesOn(3));
    expect(statuses(await pod.run(third, [1, 2, 3]))).toEqual(['1 done', '2 done', '3 crashed']);
    expect(third.options!.alone).toEqual(new Set([1]));
  });

  it('is not blamed again for a process that died before its trials began', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1], crashes: {} });
    const dyingWhileLoading = { dataset: { ...refOf('dataset'), sha256: 'f'.repeat(64) } };
    await expect(pod.run(new FakeRunner(crashesOn()), [1], dyingWhileLoading)).rejects.toMatchObject({
      code: 'sha256-mismatch',
    });
    expect(pod.notes.at(-1)).toEqual({ inHand: [], crashes: { 1: 1 } });
  });

  it('may be all that a group has: nothing runs, all are crashed', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1, 2], crashes: { 1: 1, 2: 1 } });
    const runner = new FakeRunner(crashesOn(1, 2));
    expect(statuses(await pod.run(runner, [1, 2]))).toEqual(['1 crashed', '2 crashed']);
    expect(runner.ran).toEqual([]);
  });
});

describe('a group that is searched by halving', () => {
  const paused = {} as NonNullable<TrialOutcome['paused']>;
  /** Trials 1 to 3; those at a pause are in nobody's hand. */
  const halving = (): FakeRunner => {
    const runner = new FakeRunner((one) => done(one, one.trial / 10));
    const runGroup = runner.runGroup.bind(runner);
    runner.runGroup = async (data, combinations, options) => {
      const outcomes = await runGroup(data, combinations, { ...options, onOutcome: undefined });
      const isOver = options.untilEpoch === 5;
      for (const one of outcomes)
        await (isOver ? options.onOutcome?.(one) : options.onPause?.(one.combination.trial));
      return isOver ? outcomes : outcomes.map((one) => ({ ...one, paused }));
    };
    return runner;
  };

  it('trains all a little and the best to the end, and tells each trial once', async () => {
    const pod = new Pod();
    const runner = halving();
    const outcomes = await pod.run(runner, [1, 2, 3], { search: 'asha' });
    expect(runner.ran).toEqual([1, 2, 3, 1]);
    expect(statuses(outcomes)).toEqual(['1 done', '2 halted', '3 halted']);
    const ends = pod.told.filter(({ epoch }) => epoch === undefined);
    expect(ends.map(({ trial, trialsDone }) => [trial, trialsDone])).toEqual([
      [2, 1],
      [3, 2],
      [1, 3],
    ]);
    expect(ends.at(-1)!.best).toBe(0.1);
  });

  it('has no paused trial in hand: a crash is not their fault', async () => {
    const pod = new Pod();
    await pod.run(halving(), [1, 2, 3], { search: 'asha' });
    // 1, 2 and 3 were taken at the first rung and put down before 1 went on alone
    expect(pod.notes.map(({ inHand }) => inHand.join(' '))).toEqual([
      '1',
      '1 2',
      '1 2 3',
      '2 3',
      '3',
      '',
      '',
      '',
      '1',
      '',
    ]);
  });

  it('is trained whole when the message does not say how', async () => {
    const runner = new FakeRunner((one) => done(one, 0.1));
    await new Pod().run(runner, [1, 2, 3], { search: 'grid' });
    expect(runner.options!.untilEpoch).toBeUndefined();
  });
});

describe('the note of what is in hand', () => {
  const note: GroupNote = { inHand: [3], crashes: { 2: 1 } };
  test.each([
    ['counts against its trials when the process died', { note, afterExpiry: true }, note],
    [
      'counts only earlier crashes when the work was given back',
      { note, afterExpiry: false },
      { inHand: [], crashes: { 2: 1 } },
    ],
    ['may never have been written', { note: null, afterExpiry: true }, undefined],
  ])('%s', (_rule, claim, left) => {
    expect(noteLeftBehind(claim)).toEqual(left);
  });

  it('names every trial that runs, also when several start at once and their notes are slow', async () => {
    let stored: GroupNote | undefined;
    let delayMs = 30;
    const writeNote = async (note: GroupNote): Promise<void> => {
      // The first is the slowest: on connections of their own they would arrive in the wrong order.
      await new Promise((resolve) => setTimeout(resolve, (delayMs /= 3)));
      stored = note;
    };
    let whileAllRun: GroupNote | undefined;
    const together: TrialRunner = {
      runGroup: async (_data, combinations, { beforeTrial, onOutcome }) => {
        await Promise.all(combinations.map(({ trial }) => beforeTrial?.(trial)));
        whileAllRun = stored;
        const outcomes = combinations.map((one) => done(one, 0.1));
        await Promise.all(outcomes.map((outcome) => onOutcome?.(outcome)));
        return outcomes;
      },
    };
    await new Pod().run(together, [1, 2, 3], { writeNote });
    expect(whileAllRun).toEqual({ inHand: [1, 2, 3], crashes: {} });
    expect(stored).toEqual({ inHand: [], crashes: {} });
  });

  it('is empty once all trials ended: what happens then is not their fault', async () => {
    const pod = new Pod();
    await pod.run(new FakeRunner((one) => done(one, 0.1)), [1, 2]);
    expect(pod.notes.at(-1)).toEqual({ inHand: [], crashes: {} });
  });

  it('that cannot be written stops the group: a crash would find no name', async () => {
    const away = new FactoryError('database-away', 'gone', true);
    const runner = new FakeRunner((one) => done(one, 0.1));
    await expect(new Pod().run(runner, [1, 2], { writeNote: () => Promise.reject(away) })).rejects.toBe(away);
    expect(runner.ran).toEqual([]);
  });
});
