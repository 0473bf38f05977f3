import type { WindowMessage } from '@factory/contracts';
import { ARROW_CONTENT_TYPE } from '@factory/dataset';
import { applyOverrules, dataChecksOf, rejectionOf, type RulesOf } from '@factory/judgement';
import type { StageResult } from '@factory/ledger';
import { putVerified, putVerifiedStream, runFileKey, type ObjectStore } from '@factory/object-store';
import { endAfter, type StageWork } from '@factory/stage';
import { comparedWith, type ChampionProfile, type ChampionProfiles } from './champion-profile';
import { checkedColumns } from './checked-input';
import type { DatasetWorkers } from './dataset-threads';
import type { DrawSample, DrawSampleRequest, DrawnSample } from './draw-sample';
import type { Examination, Examined } from './examine-dataset';
import { countsOfDraw, describeDataset } from './sampling-ledger';

const JSON_FILE = { contentType: 'application/json' };

/**
 * The stage of sampling: turns a prepared run into dataset.arrow, dataset.json, profile.json and data-checks.json, and
 * into the message to the trainer, or ends it as rejected if its data cannot be trusted.
 */
export class SampleRun {
  constructor(
    private readonly drawSample: Pick<DrawSample, 'execute'>,
    private readonly workers: DatasetWorkers,
    private readonly store: ObjectStore,
    private readonly rules: RulesOf,
    private readonly champions: Pick<ChampionProfiles, 'profileOf'>,
  ) {}

  /**
   * @throws the errors of `DrawSample` and `ChampionProfiles`; ServerAwayError; FactoryError `invalid-checks`, `no-rules`
   */
  async execute({ input, claim, policy, seed, signal, tell }: StageWork<'sampling'>): Promise<StageResult> {
    tell('drawing visits and joining their features');
    const { source, product, goal } = input;
    const checked = await checkedColumns(this.store, input.checks);
    const window = windowOf(input.window);
    const { checks: limits } = this.rules.for(input);
    const champion = await this.champions.profileOf(input, signal);
    const drawn = await this.drawSample.execute(
      { source, product, goal, policy, seed, checked, window },
      signal,
    );
    tell(`writing and checking ${drawn.dataset.rows} rows`);
    const keyOf = (file: string): string => runFileKey({ ...claim, stage: 'sampling' }, file);
    const examination = {
      end: window.end.getTime(),
      limits,
      champion: champion.profile,
      leftOut: drawn.leftOut,
    };
    const { examined, body } = await this.write(drawn, examination, keyOf, signal);
    const findings = applyOverrules(examined.findings, claim.overrules ?? []);
    const output = { ...body, ...(await this.writeExamined({ ...examined, findings }, champion, keyOf)) };
    const rejection = rejectionOf(input, findings);
    if (rejection) return { output, end: rejection };
    const { shorter } = input.window;
    const drawnBody = { ...body, ...(shorter ? { shorter: shorter.map(({ start }) => start) } : {}) };
    return endAfter('sampling', claim, {
      output,
      events: [{ event: 'sample.drawn', shard: '0', body: drawnBody }],
    });
  }

  private async write(
    { dataset, ledger }: DrawnSample,
    examination: Examination,
    keyOf: (file: string) => string,
    signal: AbortSignal,
  ) {
    const put = (chunks: AsyncIterable<Uint8Array>) =>
      putVerifiedStream(this.store, keyOf('dataset.arrow'), chunks, { contentType: ARROW_CONTENT_TYPE });
    const { examined, used: file } = await this.workers.use(
      dataset.rows,
      (thread) => thread.write(dataset, examination, put),
      signal,
    );
    const description = JSON.stringify(describeDataset(ledger, file), null, 2);
    const ref = await putVerified(this.store, keyOf('dataset.json'), description, JSON_FILE);
    return { examined, body: { dataset: file, ledger: ref, counts: countsOfDraw(ledger) } };
  }

  private async writeExamined(
    examined: Examined,
    champion: ChampionProfile,
    keyOf: (file: string) => string,
  ) {
    const put = (file: string, value: unknown) =>
      putVerified(this.store, keyOf(file), `${JSON.stringify(value)}\n`, JSON_FILE);
    const dataChecks = await put('data-checks.json', dataChecksOf(examined, comparedWith(champion)));
    const { profile } = examined;
    return { dataChecks, ...(profile ? { profile: await put('profile.json', profile) } : {}) };
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
