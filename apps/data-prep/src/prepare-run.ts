import type { DataPrepared } from '@factory/contracts';
import { stopReason, stopsOf, type CheckFinding } from '@factory/judgement';
import type { RunEnd, StageResult } from '@factory/ledger';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import type { PrepareData, PreparedData } from './prepare-data';

/** The stage of data-prep: turns a queued run into its window, checks.json, and the message to sampling. */
export class PrepareRun {
  constructor(
    private readonly prepareData: Pick<PrepareData, 'execute'>,
    private readonly store: Pick<ObjectStore, 'put'>,
  ) {}

  /** @throws the errors of `PrepareData`; ServerAwayError */
  async execute({ input, claim, policy, signal, tell }: StageWork<'data-prep'>): Promise<StageResult> {
    tell('choosing the window and checking the input');
    const { source, product, goal, start, end, latestCut } = input;
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

/** A finding that stops ends the run before anything is drawn, and says how it could go on. */
function rejectionOf(
  { source, product, goal }: StageWork<'data-prep'>['input'],
  findings: readonly CheckFinding[],
): RunEnd | undefined {
  const reason = stopReason(findings);
  if (reason === undefined) return undefined;
  const stops = stopsOf(findings);
  const overrules = [...new Set(stops.map(({ code }) => `--overrule ${code}`))].join(' ');
  const todo =
    'Correct the data and request the run again; or, if it is right as it is: ' +
    `\`factory retrain --product ${product} --source ${source} --goal ${goal} ${overrules} --reason "..."\``;
  return {
    outcome: 'rejected',
    reason,
    details: { message: [...stops.map(({ words }) => words), todo].join(' ') },
  };
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
    reason: prepared.windowReason,
    ...(prepared.passed ? { passed: { ...prepared.passed } } : {}),
  };
}
