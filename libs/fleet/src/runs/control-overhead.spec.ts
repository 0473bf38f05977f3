import type { StageSummary } from '@factory/ledger';
import { controlOverhead } from './control-overhead';

const at = (ms: number): Date => new Date(Date.UTC(2024, 0, 1) + ms);

function unit(
  stage: string,
  claimedMs: number,
  startDelayMs: number,
  settledMs: number,
  more: Partial<StageSummary> = {},
) {
  return {
    stage,
    shard: '0',
    status: 'done',
    attempt: 0,
    owner: 'w',
    output: null,
    error: null,
    queuedAt: at(0),
    claimedAt: at(claimedMs),
    settledAt: at(settledMs),
    startDelayMs,
    claimedSeconds: 1,
    ...more,
  } satisfies StageSummary;
}

describe('control overhead', () => {
  it('is from one commit to the start of the next stage’s own work; trials by the first group, evaluation after gathering', () => {
    const stages = [
      unit('data-prep', 100, 10, 1_000),
      unit('sampling', 1_040, 20, 5_000),
      unit('trainer-plan', 5_070, 30, 6_000),
      unit('trials', 6_500, 5, 9_000, { shard: 'g001' }),
      unit('trials', 6_100, 50, 9_500, { shard: 'g002' }),
      unit('gather', 9_500, 0, 9_500, { startDelayMs: null }),
      unit('evaluator', 9_580, 20, 9_900),
      unit('publisher', 10_000, 0, 10_500),
    ];
    const { transitions, medianMs, totalMs } = controlOverhead({ createdAt: at(0) }, stages);
    expect(transitions).toEqual([
      { from: 'request', to: 'data-prep', overheadMs: 110 },
      { from: 'data-prep', to: 'sampling', overheadMs: 60 },
      { from: 'sampling', to: 'trainer-plan', overheadMs: 100 },
      { from: 'trainer-plan', to: 'trials', overheadMs: 150 },
      { from: 'gather', to: 'evaluator', overheadMs: 100 },
      { from: 'evaluator', to: 'publisher', overheadMs: 100 },
    ]);
    expect([medianMs, totalMs]).toEqual([100, 620]);
  });

  it('leaves out stages that have not begun, and those that needed several attempts', () => {
    const stages = [
      unit('data-prep', 100, 10, 1_000),
      unit('sampling', 60_000, 20, 65_000, { attempt: 1 }),
      unit('trainer-plan', 0, 0, 0, {
        claimedAt: null,
        settledAt: null,
        startDelayMs: null,
        status: 'queued',
      }),
    ];
    const { transitions } = controlOverhead({ createdAt: at(0) }, stages);
    expect(transitions.map((one) => one.to)).toEqual(['data-prep']);
    expect(controlOverhead({ createdAt: at(0) }, [])).toEqual({
      transitions: [],
      medianMs: null,
      totalMs: 0,
    });
  });
});
