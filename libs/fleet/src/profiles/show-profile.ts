import { artefactField, type ArtefactRef } from '@factory/contracts';
import { BadInputError, type ModelKey } from '@factory/domain';
import { parseDataChecks, type DataChecks } from '@factory/judgement';
import { Champions, Runs, resolveRunId } from '@factory/ledger';
import { parseProfile, type Profile } from '@factory/model';
import { getVerified, type ObjectStore } from '@factory/object-store';
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
  return { ...key, run, version: chosen.version, profile, findings: null, skipped: null };
}

function noProfile(field: string, value: string, todo: string): BadInputError {
  return new BadInputError('no-profile', { field, value, todo });
}
