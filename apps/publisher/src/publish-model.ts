import type { ModelEvaluated } from '@factory/contracts';
import { RunSkippedError, describeKey, type ModelKey } from '@factory/domain';
import {
  endOf,
  type Champions,
  type ModelState,
  type ModelStates,
  type RunRecord,
  type StageResult,
  type WorkId,
} from '@factory/ledger';
import { parseReport } from '@factory/model';
import { getVerified, type ObjectStore } from '@factory/object-store';
import {
  putInForce,
  uploadVersion,
  withdrawVersion,
  type ChampionRepair,
  type Putting,
  type Release,
  type UploadedVersion,
} from '@factory/registry';
import { packBundle } from './packing/pack-bundle';
import type { PackingWork } from './packing/packing-thread';

/** Shard of the second and last evaluation of a run whose champion has changed in the meantime. */
const AGAIN = 'again';
/** Only a first verdict is followed by another: not the second, and not the decision of a person. */
const FIRST = '0';

/** Ports of publishing. */
export interface PublishPorts {
  readonly store: ObjectStore;
  readonly champions: Pick<Champions, 'find'>;
  readonly states: Pick<ModelStates, 'find'>;
  readonly record: RunRecord;
  readonly repair: Pick<ChampionRepair, 'repair'>;
  readonly packing: PackingWork;
  /** Version of the code that packs; part of a version's lineage. */
  readonly codeVersion: string;
}

/** A verdict. */
export interface PublishWork {
  readonly input: ModelEvaluated;
  readonly signal: AbortSignal;
  /** Reports progress. */
  readonly tell: (doing: string) => void;
}

/** Puts promoted versions in force and ends every run that got this far. */
export class PublishModel {
  constructor(private readonly ports: PublishPorts) {}

  /**
   * Packs, uploads and tests a promoted version; its release is decided inside the commit.
   *
   * @returns what the commit records: a release, a second evaluation against a newer champion, or the run's end
   * @throws IntegrityError, GoldenRowsError: nothing is released; ServerAwayError
   */
  async execute({ input, signal, tell }: PublishWork): Promise<StageResult> {
    const { store, champions, states, record, packing, codeVersion } = this.ports;
    const state = await states.find(input);
    if (state?.state === 'retired') return retired(input, state);
    if (input.verdict !== 'promote') return this.endWithoutModel(input);
    if (state) return held(state);
    const epoch = (await champions.find(input))?.epoch ?? 0;
    if (epoch !== input.judgedEpoch) return this.superseded(input);
    tell('packing and uploading the bundle');
    const { candidate, report, scores, promotedBy, shard } = input;
    const person = promotedBy ? { person: { shard, promotedBy } } : {};
    const packed = await packBundle(
      store,
      { ...(await record.forEvaluation(input.run)), candidate, report, scores, codeVersion, ...person },
      packing,
      signal,
    );
    const uploaded = await uploadVersion(store, input, packed);
    tell(`releasing ${packed.version}`);
    return this.release(input, uploaded, packed.metrics);
  }

  /** Work outside the ledger after the commit. Safe to repeat. */
  async afterCommit(key: ModelKey, work: WorkId): Promise<void> {
    await this.withdrawUnreleased(key, work);
    await this.ports.repair.repair(key);
  }

  /**
   * Withdraws a version whose champion had changed before it could be released. Only after that is committed: a
   * transaction that the database rolls back is retried, and may then release the version after all.
   */
  private async withdrawUnreleased(key: ModelKey, work: WorkId): Promise<void> {
    const { record, store } = this.ports;
    const { unreleased } = await record.output(work);
    if (typeof unreleased !== 'string' || (await record.hasPublished(work.run, unreleased))) return;
    await withdrawVersion(store, key, unreleased);
  }

  private release(
    input: ModelEvaluated,
    uploaded: UploadedVersion,
    metrics: Readonly<Record<string, unknown>>,
  ): StageResult {
    const { source, product, goal, run, shard, judgedEpoch, promotedBy } = input;
    const { version, location, manifestSha256 } = uploaded;
    return {
      output: { version, location, manifestSha256 },
      record: async (sql) => {
        const next = { source, product, goal, run, ...uploaded, metrics };
        const put = await putInForce(sql, next, judgedEpoch);
        if (put.kind !== 'released') {
          const { output, ...rest } = await this.notReleased(input, put);
          return { ...rest, output: { ...output, unreleased: version } };
        }
        const { release: body } = put;
        return {
          output: { ...body, ...(promotedBy ? { promotedBy } : {}) },
          events: [{ event: 'model.published', shard, body }],
          end: { outcome: 'published', reason: publishedReason(body, promotedBy) },
        };
      },
    };
  }

  private notReleased(
    input: ModelEvaluated,
    put: Exclude<Putting, { kind: 'released' }>,
  ): StageResult | Promise<StageResult> {
    if (put.kind === 'superseded') return this.superseded(input);
    return put.kind === 'held' ? held(put.state) : retired(input, put.state);
  }

  /** The champion changed since the verdict: judge once more against the new one, then give up. */
  private async superseded(input: ModelEvaluated): Promise<StageResult> {
    if (input.shard !== FIRST)
      return { output: { superseded: true }, end: { outcome: 'kept', reason: 'superseded' } };
    const body = await this.ports.record.gathered(input.run);
    return {
      output: { superseded: true, judgedEpoch: input.judgedEpoch },
      events: [{ event: 'model.trained', shard: AGAIN, body }],
    };
  }

  private async endWithoutModel(input: ModelEvaluated): Promise<StageResult> {
    const body = await getVerified(this.ports.store, input.report);
    const report = parseReport(JSON.parse(body.toString('utf8')));
    const outcome = input.verdict === 'reject' ? 'rejected' : 'kept';
    const reason = report.verdict.decisive;
    return {
      output: { verdict: input.verdict, reason },
      end: { outcome, reason: input.shard === AGAIN ? `superseded, then ${reason}` : reason },
    };
  }
}

/** A person keeps the version in force, whatever a verdict says. */
function held({ reason, by }: ModelState): StageResult {
  return {
    output: { held: true },
    end: { outcome: 'kept', reason: 'held', details: { message: `held by ${by}: ${reason}` } },
  };
}

/** No version of a retired model is published. */
function retired(key: ModelKey, { reason, by }: ModelState): StageResult {
  const message = `${describeKey(key)} is retired by ${by} (${reason}): \`factory release\` brings it back`;
  return { output: { retired: true }, end: endOf(new RunSkippedError('retired', message)) };
}

function publishedReason({ version, epoch }: Release, promotedBy: ModelEvaluated['promotedBy']): string {
  const inForce = `version ${version} in force, epoch ${epoch}`;
  if (!promotedBy) return inForce;
  const { who, reason, verdict, decisive } = promotedBy;
  return `${inForce}: promoted by ${who} (${reason}); the verdict was ${verdict}, ${decisive}`;
}
