import { FactoryError, type Trial } from '@factory/domain';
import { noteLeftBehind, type GroupNote } from './group-note';
import { FakeRunner, Pod, refOf, statuses } from './spec-group';
import { specOutcome } from './spec-trials';
import type { TrialRunner } from './workers/trial-pool';

describe('a trial that crashes processes', () => {
  const crashesOn =
    (...trials: number[]) =>
    (one: Trial) =>
      trials.includes(one.trial) ? ('crash' as const) : specOutcome(one, 0.1);

  it('is recorded as in progress before it starts', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    expect(pod.notes.at(-1)).toEqual({ inHand: [2], crashes: {} });
  });

  it('gets one more chance, then is marked as crashed and skipped while the others run', async () => {
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

  it('is done like any other if its second attempt succeeds', async () => {
    const pod = new Pod();
    await pod.dies(new FakeRunner(crashesOn(2)), [1, 2, 3]);
    expect(statuses(await pod.run(new FakeRunner(crashesOn()), [1, 2, 3]))).toEqual([
      '1 done',
      '2 done',
      '3 done',
    ]);
  });

  it('does not inherit the crash count of another', async () => {
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

  it('makes all trials that ran at the same time suspects: they run alone, so that the next crash identifies one', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1, 3], crashes: {} });
    const second = new FakeRunner(crashesOn(3));
    await pod.dies(second, [1, 2, 3]);
    expect(second.options!.alone).toEqual(new Set([1, 3]));
    const third = new FakeRunner(crashesOn(3));
    expect(statuses(await pod.run(third, [1, 2, 3]))).toEqual(['1 done', '2 done', '3 crashed']);
    expect(third.options!.alone).toEqual(new Set([1]));
  });

  it('is not blamed again for a process that died before its trials started', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1], crashes: {} });
    const dyingWhileLoading = { dataset: { ...refOf('dataset'), sha256: 'f'.repeat(64) } };
    await expect(pod.run(new FakeRunner(crashesOn()), [1], dyingWhileLoading)).rejects.toMatchObject({
      code: 'sha256-mismatch',
    });
    expect(pod.notes.at(-1)).toEqual({ inHand: [], crashes: { 1: 1 } });
  });

  it('may be the whole group: nothing runs, all are crashed', async () => {
    const pod = new Pod();
    pod.notes.push({ inHand: [1, 2], crashes: { 1: 1, 2: 1 } });
    const runner = new FakeRunner(crashesOn(1, 2));
    expect(statuses(await pod.run(runner, [1, 2]))).toEqual(['1 crashed', '2 crashed']);
    expect(runner.ran).toEqual([]);
  });
});

describe('the note of what is in progress', () => {
  const note: GroupNote = { inHand: [3], crashes: { 2: 1 } };
  test.each([
    ['counts against its trials when the process died', { note, afterExpiry: true }, note],
    [
      'counts only earlier crashes if the work was returned',
      { note, afterExpiry: false },
      { inHand: [], crashes: { 2: 1 } },
    ],
    ['may never have been written', { note: null, afterExpiry: true }, undefined],
  ])('%s', (_rule, claim, left) => {
    expect(noteLeftBehind(claim)).toEqual(left);
  });

  it('names every running trial, even if several start at the same time and their notes are slow', async () => {
    let stored: GroupNote | undefined;
    let delayMs = 30;
    const writeNote = async (note: GroupNote): Promise<void> => {
      // The first is the slowest: on separate connections they would arrive in the wrong order.
      await new Promise((resolve) => setTimeout(resolve, (delayMs /= 3)));
      stored = note;
    };
    let whileAllRun: GroupNote | undefined;
    const together: TrialRunner = {
      runGroup: async (_data, trials, { beforeTrial, onOutcome }) => {
        await Promise.all(trials.map(({ trial }) => beforeTrial?.(trial)));
        whileAllRun = stored;
        const outcomes = trials.map((one) => specOutcome(one, 0.1));
        await Promise.all(outcomes.map((outcome) => onOutcome?.(outcome)));
        return outcomes;
      },
    };
    await new Pod().run(together, [1, 2, 3], { writeNote });
    expect(whileAllRun).toEqual({ inHand: [1, 2, 3], crashes: {} });
    expect(stored).toEqual({ inHand: [], crashes: {} });
  });

  it('is empty once all trials have ended: later crashes are not their fault', async () => {
    const pod = new Pod();
    await pod.run(new FakeRunner((one) => specOutcome(one, 0.1)), [1, 2]);
    expect(pod.notes.at(-1)).toEqual({ inHand: [], crashes: {} });
  });

  it('that cannot be written stops the group: a crash could not be attributed', async () => {
    const away = new FactoryError('database-away', 'gone', true);
    const runner = new FakeRunner((one) => specOutcome(one, 0.1));
    await expect(new Pod().run(runner, [1, 2], { writeNote: () => Promise.reject(away) })).rejects.toBe(away);
    expect(runner.ran).toEqual([]);
  });
});
