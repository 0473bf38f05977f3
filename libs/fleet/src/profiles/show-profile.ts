import { artefactField, type ArtefactRef } from '@factory/contracts';
import { readDatasetBatches } from '@factory/dataset';
import { BadInputError, type ModelKey } from '@factory/domain';
import {
  parseDataChecks,
  principalComponents,
  type DataChecks,
  type PrincipalComponents,
} from '@factory/judgement';
import { Champions, Runs, resolveRunId } from '@factory/ledger';
import { parseProfile, type Profile } from '@factory/model';
import { getVerified, type ObjectStore, type SizedSource } from '@factory/object-store';
import { loadVersion, versionInForce } from '@factory/registry';
import type { DataSource } from 'typeorm';
import { fieldOf, lastOutput } from '../runs/stage-output';

/** A profile, and what it is of. */
export interface ShownProfile extends ModelKey {
  /** Of the data that this run drew. */
  readonly run: string;
  /** The version whose bundle holds it; null: it was read from the run's files. */
  readonly version: string | null;
  readonly profile: Profile;
  /** What was found in the data; null where only the bundle was read. */
  readonly findings: DataChecks['findings'] | null;
  /** Checks that were not made, with the reason. */
  readonly skipped: DataChecks['skipped'] | null;
  /** Of the same rows; null: not asked for. */
  readonly principal: PrincipalComponents | null;
}

export interface ProfileSources {
  readonly ledger: DataSource;
  readonly store: Pick<ObjectStore, 'get'>;
  readonly codeVersion: string;
}

/**
 * The profile that sampling made of a run's data, also of a run that it ended.
 *
 * @param prefix the run's id, or the first letters of it
 * @throws BadInputError `unknown-run`, `ambiguous-run`, `no-profile`; IntegrityError; ServerAwayError
 */
export async function profileOfRun(
  { ledger, store, codeVersion }: ProfileSources,
  prefix: string,
): Promise<ShownProfile> {
  const runs = new Runs(ledger, codeVersion);
  const run = await resolveRunId(ledger, prefix);
  const [summary, stages] = await Promise.all([runs.find(run), runs.stages(run)]);
  const output = lastOutput(stages, 'sampling');
  const refOf = (field: string) => artefactField.safeParse(fieldOf(output, field)).data;
  const read = async (ref: ArtefactRef): Promise<unknown> =>
    JSON.parse((await getVerified(store, ref)).toString('utf8'));
  const profile = refOf('profile');
  if (!profile) throw noProfile('run', run, 'name a run that this release has sampled');
  const dataChecks = refOf('dataChecks');
  const checks = dataChecks && parseDataChecks(await read(dataChecks));
  const { source, product, goal } = summary;
  return {
    ...{ source, product, goal, run, version: null, profile: parseProfile(await read(profile)) },
    findings: checks?.findings ?? null,
    skipped: checks?.skipped ?? null,
    principal: null,
  };
}

/**
 * The profile in a version's bundle.
 *
 * @param version default: the one in force
 * @throws BadInputError `no-champion`, `unknown-version`, `no-profile`; IntegrityError; ServerAwayError
 */
export async function profileOfVersion(
  { ledger, store }: Pick<ProfileSources, 'ledger' | 'store'>,
  key: ModelKey,
  version?: string,
): Promise<ShownProfile> {
  const chosen =
    version === undefined ? await versionInForce(store, key, new Champions(ledger)) : { version };
  const { bundle } = await loadVersion(
    store,
    key,
    chosen.version,
    'manifestSha256' in chosen ? chosen.manifestSha256 : undefined,
  );
  const { profile, manifest } = bundle;
  if (!profile)
    throw noProfile(
      'version',
      chosen.version,
      'it was published before there were profiles: name its successor',
    );
  const { run } = manifest.lineage;
  return { ...key, run, version: chosen.version, profile, findings: null, skipped: null, principal: null };
}

/**
 * The same with the first principal components of its rows, from the dataset of its run, which is held in memory.
 *
 * @param most components
 * @throws BadInputError `no-dataset`, `no-numbers`; FactoryError `object-not-found`; IntegrityError; ServerAwayError
 */
export async function withPrincipal(
  { ledger, store, codeVersion }: ProfileSources,
  shown: ShownProfile,
  most: number,
): Promise<ShownProfile> {
  const stages = await new Runs(ledger, codeVersion).stages(shown.run);
  const dataset = artefactField.safeParse(fieldOf(lastOutput(stages, 'sampling'), 'dataset')).data;
  if (!dataset)
    throw new BadInputError('no-dataset', {
      field: 'run',
      value: shown.run,
      todo: 'leave --principal out, or name a run of this installation that has drawn its data',
    });
  const bytes = await getVerified(store, dataset);
  const passes = () => readDatasetBatches(new BytesInMemory(bytes));
  const principal = principalComponents(passes, most, { marks: ['train', 'validation'] });
  return { ...shown, principal };
}

/** Verified bytes, to be read from their start. */
class BytesInMemory implements SizedSource {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  fill(into: Uint8Array): void {
    const length = this.bytes.copy(into, 0, this.at);
    this.at += length;
    if (length < into.length)
      throw new BadInputError('file-cut-off', {
        field: 'dataset.arrow',
        value: this.bytes.length,
        todo: 'retrain: it ends in the middle',
      });
  }
}

function noProfile(field: string, value: string, todo: string): BadInputError {
  return new BadInputError('no-profile', { field, value, todo });
}
