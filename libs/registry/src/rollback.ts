import { BadInputError, FactoryError, describeKey, type ModelKey } from '@factory/domain';
import {
  Champions,
  inTransaction,
  insertEvents,
  publishedVersions,
  recordAudit,
  replaceChampion,
  type Champion,
  type Change,
  type NewChampion,
  type StoredEvent,
} from '@factory/ledger';
import { championFigures } from '@factory/model';
import {
  championKey,
  sha256Of,
  versionFileKey,
  versionPrefix,
  type ObjectStore,
} from '@factory/object-store';
import { writeChampionPointer } from '@factory/registry';
import type { DataSource } from 'typeorm';
import { loadVersion } from '../../../apps/cli/src/score/load-model';

export interface RollbackRequest {
  readonly key: ModelKey;
  /** Default: the version that was in force before. */
  readonly to?: string;
  readonly change: Change;
}

export interface RollbackResult extends ModelKey {
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  /** `repaired`: it was in force already, and only champion.json was written again. */
  readonly result: 'rolled-back' | 'repaired';
}

/**
 * Puts an earlier version in force (rules R9): first its bundle must load by its hashes and golden rows, then the
 * database changes if the champion is still the one that was seen, then champion.json follows.
 *
 * @param announce publishes what follows for whoever scores
 * @throws BadInputError `no-champion`, `no-previous-version`, `unknown-version`, `foreign-version`
 * @throws FactoryError `superseded` when the champion changed meanwhile; IntegrityError; GoldenRowsError
 */
export async function rollback(
  ledger: DataSource,
  store: Pick<ObjectStore, 'get' | 'put' | 'locate'>,
  { key, to, change }: RollbackRequest,
  announce: (events: readonly StoredEvent[]) => Promise<void>,
): Promise<RollbackResult> {
  const champions = new Champions(ledger);
  const current = await champions.find(key);
  if (!current) throw refusal('no-champion', 'product', describeKey(key), 'publish a model first');
  const version = to ?? current.previousVersion;
  if (version === null)
    throw refusal(
      'no-previous-version',
      'to',
      null,
      `name a version with --to: ${current.version} is the first`,
    );
  const names = { ...key, from: current.version, to: version };
  if (version === current.version) {
    await writePointer(store, current);
    return { ...names, epoch: current.epoch, result: 'repaired' };
  }
  const next = await verified(ledger, store, key, version);
  const events = await putInForce(ledger, next, current, change);
  const champion = await champions.find(key);
  if (champion) await writePointer(store, champion);
  await announce(events);
  return { ...names, epoch: current.epoch + 1, result: 'rolled-back' };
}

/** Loads the version as a scorer would, and returns it as the next champion. */
async function verified(
  ledger: DataSource,
  store: Pick<ObjectStore, 'get' | 'locate'>,
  key: ModelKey,
  version: string,
): Promise<NewChampion> {
  const known = (await publishedVersions(ledger, key)).find((one) => one.version === version);
  const recorded = known?.output['manifestSha256'];
  const { bundle } = await loadVersion(
    store,
    key,
    version,
    typeof recorded === 'string' ? recorded : undefined,
  );
  const manifestSha256 =
    typeof recorded === 'string'
      ? recorded
      : sha256Of(await store.get(versionFileKey(key, version, 'manifest.json')));
  const { lineage } = bundle.manifest;
  if (lineage.source !== key.source || lineage.product !== key.product || lineage.goal !== key.goal)
    throw refusal(
      'foreign-version',
      'to',
      version,
      `its manifest says ${describeKey(lineage)}: restore the bundle`,
    );
  return {
    ...key,
    version,
    location: store.locate(versionPrefix(key, version)),
    manifestSha256,
    run: lineage.run,
    metrics: championFigures(bundle.report),
  };
}

/** @throws FactoryError `superseded` */
async function putInForce(
  ledger: DataSource,
  next: NewChampion,
  current: Champion,
  change: Change,
): Promise<StoredEvent[]> {
  return inTransaction(ledger, async (sql) => {
    const epoch = await replaceChampion(sql, next, current.epoch);
    if (epoch === undefined)
      throw new FactoryError(
        'superseded',
        `the champion of ${describeKey(next)} changed meanwhile: look with \`factory models\` and roll back again`,
        false,
      );
    const { version, location, manifestSha256, run, source, product, goal } = next;
    await recordAudit(sql, 'rollback', `${source}/${goal}/${product}`, change, {
      from: current.version,
      to: version,
      epoch,
    });
    const body = { version, location, manifestSha256, epoch };
    return insertEvents(sql, [
      [
        { run, source, product, goal },
        { event: 'model.published', shard: `rollback-${epoch}`, body },
      ],
    ]);
  });
}

async function writePointer(store: Pick<ObjectStore, 'get' | 'put'>, champion: Champion): Promise<void> {
  const { version, location, manifestSha256, epoch, since } = champion;
  const pointer = { version, location, manifestSha256, epoch, since: since.toISOString() };
  await writeChampionPointer(store, championKey(champion), pointer);
}

function refusal(code: string, field: string, value: unknown, todo: string): BadInputError {
  return new BadInputError(code, { field, value, todo });
}
