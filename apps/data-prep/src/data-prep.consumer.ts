import { consumerOf, REQUESTS_CONSUMER } from '@factory/contracts';
import { RequestAttempts, type StageResult } from '@factory/ledger';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { putVerified, runFileKey, type ObjectStore } from '@factory/object-store';
import { OBJECT_STORE } from '@factory/service-kit';
import { SourcePatience, StageRunner, type StageWork } from '@factory/stage';
import { Controller, Inject } from '@nestjs/common';
import { countAttempts } from './count-attempts';
import { PrepareData } from './prepare-data';
import { TakeRequest } from './take-request';

/** A request that failed of something else than its source is tried again, but not for the source. */
const NO_LONGER_WAITS: ReadonlySet<HandlerOutcome['kind']> = new Set([
  'done',
  'repeated',
  'ended',
  'invalid',
  'retry',
  'exhausted',
]);

/** Requests become runs; queued runs get their window and their input checked. */
@Controller()
export class DataPrepConsumer {
  constructor(
    private readonly takeRequest: TakeRequest,
    private readonly attempts: RequestAttempts,
    private readonly prepareData: PrepareData,
    private readonly runner: StageRunner,
    private readonly patience: SourcePatience,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
  ) {}

  @OnConsumer(REQUESTS_CONSUMER.durable)
  async request(message: JetStreamMessage): Promise<HandlerOutcome> {
    const place = `${message.streamCreated}:${message.streamSequence}`;
    const request = { data: message.data, place };
    const outcome = await countAttempts(this.attempts, place, message.signal, async () => {
      const result = await this.takeRequest.execute(request);
      return { kind: result === 'taken' ? 'done' : 'repeated' };
    });
    if (NO_LONGER_WAITS.has(outcome.kind)) await this.takeRequest.ended(request);
    return outcome;
  }

  @OnConsumer(consumerOf('data-prep').durable)
  prepare(message: JetStreamMessage): Promise<HandlerOutcome> {
    const options = { sources: this.patience };
    return this.runner.run('data-prep', message, (work) => this.prepareRun(work), options);
  }

  private async prepareRun({
    input,
    claim,
    policy,
    signal,
    tell,
  }: StageWork<'data-prep'>): Promise<StageResult> {
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
      },
      signal,
    );
    const checks = await putVerified(
      this.store,
      runFileKey({ ...claim, stage: 'data-prep' }, 'checks.json'),
      JSON.stringify(prepared.checks, null, 2),
      { contentType: 'application/json' },
    );
    const window = {
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
    return {
      output: { window, candidates: prepared.candidates, checks },
      events: [{ event: 'data.prepared', shard: '0', body: { window, checks } }],
    };
  }
}
