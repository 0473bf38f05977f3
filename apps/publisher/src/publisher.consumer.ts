import { consumerOf, type ModelEvaluated } from '@factory/contracts';
import type { ModelKey } from '@factory/domain';
import { Champions, replaceChampion, RunRecord, type StageResult, type WorkId } from '@factory/ledger';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { parseReport } from '@factory/model';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { OBJECT_STORE, SERVICE_CONFIG, type ServiceConfig } from '@factory/service-kit';
import { StageRunner } from '@factory/stage';
import { Controller, Inject } from '@nestjs/common';
import { ChampionRepair } from '../../../libs/registry/src/champion-repair';
import { packBundle } from './packing/pack-bundle';
import { PackingThread, type PackingWork } from './packing/packing-thread';
import { uploadVersion, withdrawVersion, type UploadedVersion } from '../../../libs/registry/src/release-version';

/** Shard of the second and last evaluation of a run whose champion changed meanwhile. */
const AGAIN = 'again';

/** Puts promoted versions in force and ends every run that got this far. */
@Controller()
export class PublisherConsumer {
  constructor(
    private readonly runner: StageRunner,
    private readonly record: RunRecord,
    private readonly champions: Champions,
    private readonly repair: ChampionRepair,
    @Inject(PackingThread) private readonly packing: PackingWork,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(SERVICE_CONFIG) private readonly config: ServiceConfig,
  ) {}

  @OnConsumer(consumerOf('publisher').durable)
  publish(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run(
      'publisher',
      message,
      async ({ input, signal, tell }) => {
        if (input.verdict !== 'promote') return this.endWithoutModel(input);
        const epoch = (await this.champions.find(input))?.epoch ?? 0;
        if (epoch !== input.judgedEpoch) return this.superseded(input);
        tell('packing and uploading the bundle');
        const packed = await packBundle(
          this.store,
          {
            ...(await this.record.forEvaluation(input.run)),
            candidate: input.candidate,
            report: input.report,
            scores: input.scores,
            codeVersion: this.config.CODE_VERSION,
          },
          this.packing,
          signal,
        );
        const uploaded = await uploadVersion(this.store, input, packed);
        tell(`releasing ${packed.version}`);
        return this.release(input, uploaded, packed.metrics);
      },
      {
        afterCommit: async (key, work) => {
          await this.withdrawUnreleased(key, work);
          await this.repair.repair(key);
        },
      },
    );
  }

  /**
   * Takes a version back whose champion had changed before it could be released. Only once that is committed: a
   * transaction that the database undoes runs again, and may then release the version after all.
   */
  private async withdrawUnreleased(key: ModelKey, work: WorkId): Promise<void> {
    const { unreleased } = await this.record.output(work);
    if (typeof unreleased !== 'string' || (await this.record.hasPublished(work.run, unreleased))) return;
    await withdrawVersion(this.store, key, unreleased);
  }

  private release(
    input: ModelEvaluated,
    uploaded: UploadedVersion,
    metrics: Readonly<Record<string, unknown>>,
  ): StageResult {
    const { version, location, manifestSha256 } = uploaded;
    return {
      output: { version, location, manifestSha256 },
      record: async (sql) => {
        const epoch = await replaceChampion(
          sql,
          { ...keyOf(input), ...uploaded, metrics },
          input.judgedEpoch,
        );
        if (epoch === undefined) {
          const superseded = await this.superseded(input);
          return { ...superseded, output: { ...superseded.output, unreleased: version } };
        }
        return {
          output: { version, location, manifestSha256, epoch },
          events: [
            {
              event: 'model.published',
              shard: input.shard,
              body: { version, location, manifestSha256, epoch },
            },
          ],
          end: { outcome: 'published', reason: `version ${version} in force, epoch ${epoch}` },
        };
      },
    };
  }

  /** The champion changed since the verdict: judge once more against the new one, then give way. */
  private async superseded(input: ModelEvaluated): Promise<StageResult> {
    if (input.shard === AGAIN)
      return { output: { superseded: true }, end: { outcome: 'kept', reason: 'superseded' } };
    const body = await this.record.gathered(input.run);
    return {
      output: { superseded: true, judgedEpoch: input.judgedEpoch },
      events: [{ event: 'model.trained', shard: AGAIN, body }],
    };
  }

  private async endWithoutModel(input: ModelEvaluated): Promise<StageResult> {
    const report = parseReport(JSON.parse((await getVerified(this.store, input.report)).toString('utf8')));
    const outcome = input.verdict === 'reject' ? 'rejected' : 'kept';
    const reason = report.verdict.decisive;
    return {
      output: { verdict: input.verdict, reason },
      end: { outcome, reason: input.shard === AGAIN ? `superseded, then ${reason}` : reason },
    };
  }
}

function keyOf({ source, product, goal, run }: ModelEvaluated) {
  return { source, product, goal, run };
}
