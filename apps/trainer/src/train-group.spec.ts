import { priorShift } from '@factory/domain';
import type { TrialOutcome } from './trial-outcome';
import { FakeRunner, Pod, refOf, statuses } from './spec-group';
import { specOutcome } from './spec-trials';

describe('training a group', () => {
  it('returns an outcome for every trial, in order, on the transformed rows', async () => {
    const runner = new FakeRunner((one) => specOutcome(one, one.trial / 10));
    expect(statuses(await new Pod().run(runner, [3, 1, 2]))).toEqual(['3 done', '1 done', '2 done']);
    expect(runner.data).toMatchObject({ width: 1, shift: priorShift(1, 0.1) });
    expect([...runner.data!.trainRows]).toEqual([0, 1, 2, 3]);
  });

  it('a failed trial does not affect the others', async () => {
    const runner = new FakeRunner((one) =>
      one.trial === 2 ? specOutcome(one, null) : specOutcome(one, 0.2),
    );
    expect(statuses(await new Pod().run(runner, [1, 2, 3]))).toEqual(['1 done', '2 failed', '3 done']);
  });

  it('reports the trial, how many are done, and the best so far', async () => {
    const losses: Record<number, number> = { 1: 0.3, 3: 0.1, 4: 0.2 };
    const pod = new Pod();
    const runner = new FakeRunner((one) =>
      one.trial === 2 ? specOutcome(one, null) : specOutcome(one, losses[one.trial]!),
    );
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

  it('refuses files that differ from what their stages wrote, before any trial', async () => {
    const runner = new FakeRunner((one) => specOutcome(one, 0.1));
    const other = { ...refOf('dataset'), sha256: 'f'.repeat(64) };
    await expect(new Pod().run(runner, [1], { dataset: other })).rejects.toMatchObject({
      code: 'sha256-mismatch',
    });
    expect(runner.ran).toEqual([]);
  });

  it('does not load a dataset that could never fit', async () => {
    const matrix = { rows: 1_000_000, width: 400 };
    await expect(
      new Pod().run(new FakeRunner((one) => specOutcome(one, 0.1)), [1], { matrix }),
    ).rejects.toMatchObject({ code: 'dataset-too-large' });
  });
});

describe('a group that is searched by halving', () => {
  const paused = {} as NonNullable<TrialOutcome['paused']>;
  /** Trials 1 to 3; paused ones are not in progress. */
  const halving = (): FakeRunner => {
    const runner = new FakeRunner((one) => specOutcome(one, one.trial / 10));
    const runGroup = runner.runGroup.bind(runner);
    runner.runGroup = async (data, trials, options) => {
      const outcomes = await runGroup(data, trials, { ...options, onOutcome: undefined });
      const isOver = options.untilEpoch === 5;
      for (const one of outcomes) await (isOver ? options.onOutcome?.(one) : options.onPause?.(one.trial));
      return isOver ? outcomes : outcomes.map((one) => ({ ...one, paused }));
    };
    return runner;
  };

  it('trains all trials a little and the best to the end, and reports each trial once', async () => {
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

  it('does not record paused trials as in progress: a crash is not their fault', async () => {
    const pod = new Pod();
    await pod.run(halving(), [1, 2, 3], { search: 'asha' });
    // 1, 2 and 3 ran to the first rung and were paused before 1 continued alone
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

  it('is trained completely if the message names no search', async () => {
    const runner = new FakeRunner((one) => specOutcome(one, 0.1));
    await new Pod().run(runner, [1, 2, 3], { search: 'grid' });
    expect(runner.options!.untilEpoch).toBeUndefined();
  });
});
