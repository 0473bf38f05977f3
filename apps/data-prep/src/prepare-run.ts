import type { DataPrepared } from '@factory/contracts';
import type { ComparedWindows } from '@factory/domain';
import { rejectionOf } from '@factory/judgement';
import type { ModelStates, StageResult } from '@factory/ledger';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import type { PrepareData, PreparedData } from './prepare-data';
import { retiredError } from './retired';

/** The stage of data-prep: turns a queued run into its window, checks.json, and the message to sampling. */
export class PrepareRun {
  constructor(
    private readonly prepareData: Pick<PrepareData, 'execute'>,
    private readonly store: Pick<ObjectStore, 'put'>,
    private readonly states: Pick<ModelStates, 'find'>,
  ) {}

  /** @throws RunSkippedError `retired`; the errors of `PrepareData`; ServerAwayError */
  async execute({ input, claim, policy, signal, tell }: StageWork<'data-prep'>): Promise<StageResult> {
    const state = await this.states.find(input);
    if (state?.state === 'retired') throw retiredError(input, state);
    tell('choosing the window and checking the input');
    const { source, product, goal, start, end, latestCut, compare } = input;
    const prepared = await this.prepareData.execute(
      {
        source,
        product,
        goal,
        policy,
        rangeStart: start === undefined ? undefined : new Date(start),
        rangeEnd: new Date(end),
        latestCut: latestCut === undefined ? undefined : new Date(latestCut),
        overrules: claim.overrules,
        compare,
      },
      signal,
    );
    const checks = await putVerified(
      this.store,
      runFileKey({ ...claim, stage: 'data-prep' }, 'checks.json'),
      JSON.stringify(prepared.checks, null, 2),
      { contentType: 'application/json' },
    );
    const window = windowOf(prepared, latestCut);
    const { candidates, findings } = prepared;
    const output = { window, candidates, checks, findings };
    const rejected = rejectionOf(input, findings);
    if (rejected) return { output, end: rejected };
    return { output, events: [{ event: 'data.prepared', shard: '0', body: { window, checks } }] };
  }
}

function windowOf(prepared: PreparedData, latestCut: string | undefined): DataPrepared['window'] {
  return {
    start: prepared.window.start.toISOString(),
    trainEnd: prepared.trainEnd.toISOString(),
    end: prepared.outOfTime.end.toISOString(),
    ...(latestCut === undefined ? {} : { latestCut }),
    days: prepared.window.days,
    sales: prepared.window.sales,
    ...(prepared.noTime ? { noTime: true as const } : {}),
    rangeStart: prepared.rangeStart.toISOString(),
    ...(prepared.windowReason ? { reason: prepared.windowReason } : {}),
    ...(prepared.passed ? { passed: { ...prepared.passed } } : {}),
    ...(prepared.compared ? comparedFields(prepared.compared) : {}),
    ...(prepared.notCompared ? { notCompared: prepared.notCompared } : {}),
  };
}

function comparedFields({ shorter, byVolume }: ComparedWindows) {
  return {
    shorter: shorter.map(({ start, days, sales }) => ({ start: start.toISOString(), days, sales })),
    byVolume: byVolume.toISOString(),
  };
}
