import { artefactField, type ArtefactRef } from '@factory/contracts';
import { FactoryError, IntegrityError, type ModelKey } from '@factory/domain';
import type { DataChecks } from '@factory/judgement';
import type { Champions, RunRecord } from '@factory/ledger';
import type { Manifest, Profile } from '@factory/model';
import { openVerified, type ObjectStore } from '@factory/object-store';
import { loadProfile } from '@factory/registry';
import { Readable } from 'node:stream';
import type { DatasetWorkers } from './dataset-threads';
import { PASSES } from './stored-profile';

/** What a new dataset is compared with, or why it is not. */
export type ChampionProfile =
  | { readonly version: string; readonly profile: Profile; readonly from: 'bundle' | 'dataset' }
  /** `why` is undefined where there is no champion. */
  | { readonly profile: undefined; readonly why: string | undefined };

/** As data-checks.json says it. */
export function comparedWith(found: ChampionProfile): Pick<DataChecks, 'champion' | 'skipped'> {
  if (!found.profile) return { champion: null, skipped: found.why === undefined ? [] : [found.why] };
  const { version, profile, from } = found;
  return { champion: { version, end: profile.end, profile: from }, skipped: [] };
}

/** Finds the profile of the training window of the version in force. */
export class ChampionProfiles {
  constructor(
    private readonly champions: Pick<Champions, 'find'>,
    private readonly record: Pick<RunRecord, 'output'>,
    private readonly store: Pick<ObjectStore, 'get' | 'getStream'>,
    private readonly workers: DatasetWorkers,
  ) {}

  /**
   * From the champion's bundle; of a bundle from before there were profiles, made again from the dataset of its run
   * while that exists. A bundle that cannot be read is no fault of the run.
   *
   * @throws NewerVersionError if a later release wrote it; ServerAwayError
   */
  async profileOf(key: ModelKey, signal?: AbortSignal): Promise<ChampionProfile> {
    const champion = await this.champions.find(key);
    if (!champion) return { profile: undefined, why: undefined };
    const { version, manifestSha256 } = champion;
    const none = (why: string): ChampionProfile => ({
      profile: undefined,
      why: `columns were not compared with champion ${version}: ${why}`,
    });
    const loaded = await loadProfile(this.store, key, version, manifestSha256);
    if ('broken' in loaded) return none(`its bundle cannot be read (${loaded.broken})`);
    if (loaded.profile) return { version, profile: loaded.profile, from: 'bundle' };
    try {
      const profile = await this.rebuild(loaded.manifest, signal);
      if (profile) return { version, profile, from: 'dataset' };
      return none('its bundle has no profile, and nothing is recorded of the dataset of its run');
    } catch (error) {
      if (!isOfDataset(error)) throw error;
      return none(`its bundle has no profile, and the dataset of its run cannot be read (${error.message})`);
    }
  }

  private async rebuild({ lineage }: Manifest, signal?: AbortSignal): Promise<Profile | undefined> {
    const { run, datasetSha256, window } = lineage;
    const output = await this.record.output({ run, stage: 'sampling', shard: '0' });
    const dataset = artefactField.safeParse(output['dataset']).data;
    if (dataset?.sha256 !== datasetSha256) return undefined;
    return this.workers.use(
      Infinity,
      (thread) =>
        thread.profileStored({ dataset, end: Date.parse(window.end) }, () =>
          this.readAgainAndAgain(dataset, signal),
        ),
      signal,
    );
  }

  private readAgainAndAgain(dataset: ArtefactRef, signal?: AbortSignal): Readable {
    const { store } = this;
    return Readable.from(
      (async function* (): AsyncGenerator<Uint8Array> {
        for (let pass = 0; pass < PASSES; pass++) yield* await openVerified(store, dataset, signal);
      })(),
      { objectMode: false },
    );
  }
}

const OF_DATASET = new Set([
  'object-not-found',
  'object-too-large',
  'no-rows',
  'not-an-arrow-file',
  'file-cut-off',
  'missing-column',
]);

/** The dataset is at fault, not the store. */
function isOfDataset(error: unknown): error is FactoryError {
  return error instanceof IntegrityError || (error instanceof FactoryError && OF_DATASET.has(error.code));
}
