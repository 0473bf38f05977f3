import { mostSteps, type Trial } from '@factory/domain';
import type { PausedTrial } from '@factory/engines';
import type { TrialOutcome } from './trial-outcome';
import { specOutcome, specTrials } from './spec-trials';
import { SuccessiveHalving } from './successive-halving';
import type { TrialData } from './trial-data';
import type { GroupOptions, TrialRunner } from './workers/trial-pool';

const trialsOf = (count: number, epochs = 50) => specTrials(count, { epochs });

type Fate = (trial: number, epoch: number) => Partial<TrialOutcome>;

/** Trains instantly; a trial's loss is its number unless its fate says otherwise. */
class FakeRunner implements TrialRunner {
  /** `trial from-until`, in order. */
  readonly legs: string[] = [];

  constructor(private readonly fate: Fate = () => ({})) {}

  async runGroup(
    _data: TrialData,
    trials: readonly Trial[],
    { untilEpoch = Infinity, resumeFrom, onOutcome, onPause }: GroupOptions,
  ): Promise<TrialOutcome[]> {
    const outcomes: TrialOutcome[] = [];
    for (const one of trials) {
      const { trial } = one;
      const epochs = mostSteps(one);
      const epochsRun = Math.min(untilEpoch, epochs);
      this.legs.push(`${trial} ${resumeFrom?.get(trial)?.steps ?? 0}-${epochsRun}`);
      const outcome = specOutcome(one, trial, {
        epochsRun,
        weights: Uint8Array.of(trial),
        ...(epochsRun < epochs ? { paused: pausedAt(epochsRun) } : {}),
        ...this.fate(trial, epochsRun),
      });
      await (outcome.paused ? onPause?.(trial) : onOutcome?.(outcome));
      outcomes.push(outcome);
    }
    return outcomes;
  }
}

const pausedAt = (steps: number) => ({ steps }) as PausedTrial;

async function halve(fate: Fate | undefined, trials: readonly Trial[]) {
  const runner = new FakeRunner(fate);
  const told: string[] = [];
  const outcomes = await new SuccessiveHalving(runner).runGroup({} as TrialData, trials, {
    seed: 's',
    onPause: (trial) => void told.push(`${trial} paused`),
    onOutcome: ({ trial, status }) => void told.push(`${trial} ${status}`),
  });
  const shown = outcomes.map((one) => `${one.trial} ${one.status} ${one.epochsRun}`);
  return { outcomes, shown, told, legs: runner.legs };
}

describe('successive halving', () => {
  it('trains all to the first rung, then the best third of each rung to the next, resumed', async () => {
    const { legs, shown, outcomes } = await halve(undefined, trialsOf(10));
    expect(legs).toEqual([
      ...['1 0-2', '2 0-2', '3 0-2', '4 0-2', '5 0-2', '6 0-2', '7 0-2', '8 0-2', '9 0-2', '10 0-2'],
      ...['1 2-6', '2 2-6', '3 2-6', '4 2-6'],
      ...['1 6-18', '2 6-18'],
      '1 18-50',
    ]);
    expect(shown).toEqual([
      ...['1 done 50', '2 halted 18', '3 halted 6', '4 halted 6'],
      ...['5 halted 2', '6 halted 2', '7 halted 2', '8 halted 2', '9 halted 2', '10 halted 2'],
    ]);
    // Halted trials keep their figures, but neither weights nor a state to resume from.
    expect(outcomes[1]).toMatchObject({ naturalValidationLogLoss: 2, weights: null });
    expect(outcomes.every((one) => one.paused === undefined)).toBe(true);
  });

  it('reports each pause of a trial, and its end once', async () => {
    const { told } = await halve(undefined, trialsOf(3, 6));
    expect(told).toEqual([...['1 paused', '2 paused', '3 paused'], ...['2 halted', '3 halted'], '1 done']);
  });

  it('keeps the rank of a trial that stopped early: done, and no more epochs', async () => {
    const stopsAt6: Fate = (trial, epoch) => (trial === 1 && epoch === 6 ? { paused: undefined } : {});
    const { legs, shown } = await halve(stopsAt6, trialsOf(6));
    expect(legs.filter((leg) => leg.startsWith('1 '))).toEqual(['1 0-2', '1 2-6']);
    // 1 and 2 reached epoch 6; 1 is better and takes the only place
    expect(shown.slice(0, 2)).toEqual(['1 done 6', '2 halted 6']);
  });

  it('does not mark a trial as halted if it had stopped early before others were better', async () => {
    const stopsAt6: Fate = (trial, epoch) => (trial === 2 && epoch === 6 ? { paused: undefined } : {});
    const { shown } = await halve(stopsAt6, trialsOf(6));
    expect(shown.slice(0, 2)).toEqual(['1 done 50', '2 done 6']);
  });

  it('promotes the next best in place of a failed trial', async () => {
    const failsAtOnce: Fate = (trial) =>
      trial <= 2 ? { status: 'diverged', naturalValidationLogLoss: null, paused: undefined } : {};
    const { shown } = await halve(failsAtOnce, trialsOf(4, 6));
    expect(shown).toEqual(['1 diverged 2', '2 diverged 2', '3 done 6', '4 done 6']);
  });

  it('falls back to the next best if all remaining trials fail late', async () => {
    const failsLate: Fate = (trial, epoch) =>
      trial <= 2 && epoch > 6 ? { status: 'failed', naturalValidationLogLoss: null, paused: undefined } : {};
    const { legs, shown } = await halve(failsLate, trialsOf(6, 18));
    expect(shown).toEqual([
      ...['1 failed 18', '2 failed 18', '3 done 18'],
      ...['4 halted 2', '5 halted 2', '6 halted 2'],
    ]);
    expect(legs.slice(-3)).toEqual(['1 6-18', '2 6-18', '3 2-18']);
  });

  it('has no winner if every trial fails', async () => {
    const fails: Fate = () => ({ status: 'failed', naturalValidationLogLoss: null, paused: undefined });
    expect((await halve(fails, trialsOf(4))).shown.every((one) => one.includes('failed'))).toBe(true);
    expect((await halve(undefined, [])).shown).toEqual([]);
  });
});
