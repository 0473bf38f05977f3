import type { WindowMessage } from '@factory/contracts';
import { ARROW_CONTENT_TYPE } from '@factory/dataset';
import type { StageResult } from '@factory/ledger';
import { putVerified, putVerifiedStream, runFileKey, type ObjectStore } from '@factory/object-store';
import { endAfter, type StageWork } from '@factory/stage';
import { checkedColumns } from './checked-input';
import type { DatasetWorkers } from './dataset-threads';
import type { DrawSample, DrawSampleRequest, DrawnSample } from './draw-sample';
import { countsOfDraw, describeDataset } from './sampling-ledger';

/** The stage of sampling: turns a prepared run into dataset.arrow, dataset.json, and the message to the trainer. */
export class SampleRun {
  constructor(
    private readonly drawSample: Pick<DrawSample, 'execute'>,
    private readonly workers: DatasetWorkers,
    private readonly store: ObjectStore,
  ) {}

  /** @throws the errors of `DrawSample`; ServerAwayError; FactoryError `invalid-checks` */
  async execute({ input, claim, policy, seed, signal, tell }: StageWork<'sampling'>): Promise<StageResult> {
    tell('drawing visits and joining their features');
    const { source, product, goal } = input;
    const checked = await checkedColumns(this.store, input.checks);
    const window = windowOf(input.window);
    const drawn = await this.drawSample.execute(
      { source, product, goal, policy, seed, checked, window },
      signal,
    );
    tell(`writing ${drawn.dataset.rows} rows`);
    const keyOf = (file: string): string => runFileKey({ ...claim, stage: 'sampling' }, file);
    const body = await this.write(drawn, keyOf, signal);
    return endAfter('sampling', claim, {
      output: body,
      events: [{ event: 'sample.drawn', shard: '0', body }],
    });
  }

  private async write(
    { dataset, ledger }: DrawnSample,
    keyOf: (file: string) => string,
    signal: AbortSignal,
  ) {
    const put = (chunks: AsyncIterable<Uint8Array>) =>
      putVerifiedStream(this.store, keyOf('dataset.arrow'), chunks, { contentType: ARROW_CONTENT_TYPE });
    const file = await this.workers.use(dataset.rows, (thread) => thread.write(dataset, put), signal);
    const description = await putVerified(
      this.store,
      keyOf('dataset.json'),
      JSON.stringify(describeDataset(ledger, file), null, 2),
      { contentType: 'application/json' },
    );
    return { dataset: file, ledger: description, counts: countsOfDraw(ledger) };
  }
}

function windowOf({ start, trainEnd, end, latestCut }: WindowMessage): DrawSampleRequest['window'] {
  return {
    start: new Date(start),
    trainEnd: new Date(trainEnd),
    end: new Date(end),
    latestCut: latestCut === undefined ? undefined : new Date(latestCut),
  };
}
