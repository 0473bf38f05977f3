import { consumerOf } from '@factory/contracts';
import { ARROW_CONTENT_TYPE } from '@factory/dataset';
import type { StageResult } from '@factory/ledger';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { putVerified, putVerifiedStream, runFileKey, type ObjectStore } from '@factory/object-store';
import { OBJECT_STORE } from '@factory/service-kit';
import { endAfter, SourcePatience, StageRunner, type StageWork } from '@factory/stage';
import { Controller, Inject } from '@nestjs/common';
import { checkedColumns } from './checked-input';
import { DatasetThreads, type DatasetWorkers } from './dataset-threads';
import { DrawSample } from './draw-sample';
import { describeDataset, drawnCounts } from './sampling-ledger';

/** Draws the visits of a prepared run and writes its dataset. */
@Controller()
export class SamplingConsumer {
  constructor(
    private readonly drawSample: DrawSample,
    private readonly runner: StageRunner,
    private readonly patience: SourcePatience,
    @Inject(DatasetThreads) private readonly workers: DatasetWorkers,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
  ) {}

  @OnConsumer(consumerOf('sampling').durable)
  draw(message: JetStreamMessage): Promise<HandlerOutcome> {
    const options = { sources: this.patience };
    return this.runner.run('sampling', message, (work) => this.drawForRun(work), options);
  }

  private async drawForRun({
    input,
    claim,
    policy,
    seed,
    signal,
    tell,
  }: StageWork<'sampling'>): Promise<StageResult> {
    tell('drawing visits and joining their features');
    const { source, product, goal, window } = input;
    const drawn = await this.drawSample.execute(
      {
        source,
        product,
        goal,
        policy,
        seed,
        checked: await checkedColumns(this.store, input.checks),
        window: {
          start: new Date(window.start),
          trainEnd: new Date(window.trainEnd),
          end: new Date(window.end),
          latestCut: window.latestCut === undefined ? undefined : new Date(window.latestCut),
        },
      },
      signal,
    );
    tell(`writing ${drawn.dataset.rows} rows`);
    const keyOf = (file: string): string => runFileKey({ ...claim, stage: 'sampling' }, file);
    const put = (chunks: AsyncIterable<Uint8Array>) =>
      putVerifiedStream(this.store, keyOf('dataset.arrow'), chunks, { contentType: ARROW_CONTENT_TYPE });
    const { rows } = drawn.dataset;
    const dataset = await this.workers.use(rows, (thread) => thread.write(drawn.dataset, put), signal);
    const ledger = await putVerified(
      this.store,
      keyOf('dataset.json'),
      JSON.stringify(describeDataset(drawn.ledger, dataset), null, 2),
      { contentType: 'application/json' },
    );
    const counts = drawnCounts(drawn.ledger);
    return endAfter('sampling', claim, {
      output: { dataset, ledger, counts },
      events: [{ event: 'sample.drawn', shard: '0', body: { dataset, ledger, counts } }],
    });
  }
}
