import { BadInputError, FactoryError, describeKey, type ModelKey } from '@factory/domain';
import {
  Champions,
  inTransaction,
  insertEvents,
  publishedVersions,
  recordAudit,
  type Champion,
  type Change,
  type NewChampion,
  type StoredEvent,
} from '@factory/ledger';
import { championFigures } from '@factory/model';
import { sha256Of, versionFileKey, versionPrefix, type ObjectStore } from '@factory/object-store';
import type { DataSource } from 'typeorm';
import { ChampionRepair } from './champion-repair';
import { loadVersion } from './load-version';
import { putInForce } from './put-in-force';
import { refuseState } from './refuse-state';
import { noChampion } from './version-in-force';

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
  /** `repaired`: it was in force already, and only champion.json is corrected from the database. */
  readonly result: 'rolled-back' | 'repaired';
}

/** The methods of the store that a rollback needs. */
export type RollbackStore = Pick<ObjectStore, 'get' | 'put' | 'locate'>;

/**
 * Puts an earlier version in force (rules R9): first its bundle must load with correct hashes and golden rows,
 * then the database is changed if the champion is still the expected one, then champion.json follows. Nothing is
 * changed if champion.json is of a later release: readers without a database would keep the former version.
 *
 * @param announce publishes the events for scorers
 * @throws BadInputError `no-champion`, `no-previous-version`, `unknown-version`, `foreign-version`; `model-held` and
 *   `model-retired`: a person decides that first
 * @throws FactoryError `superseded` if the champion changed meanwhile; IntegrityError; GoldenRowsError;
 *   NewerVersionError
 */
export async function rollback(
  ledger: DataSource,
  store: RollbackStore,
  { key, to, change }: RollbackRequest,
  announce: (events: readonly StoredEvent[]) => Promise<void>,
): Promise<RollbackResult> {
  const champions = new Champions(ledger);
  const repair = new ChampionRepair(store, champions);
  const current = await champions.find(key);
  if (!current) throw noChampion(key);
  refuseState(key, current.state);
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
    await repair.repair(key);
    return { ...names, epoch: current.epoch, result: 'repaired' };
  }
  const next = await verified(ledger, store, key, version);
  await repair.checkWritable(key);
  const events = await replaceVersion(ledger, next, current, change);
  await repair.repair(key);
  await announce(events);
  return { ...names, epoch: current.epoch + 1, result: 'rolled-back' };
}

/** Loads the version like a scorer, and returns it as the next champion. */
async function verified(
  ledger: DataSource,
  store: RollbackStore,
  key: ModelKey,
  version: string,
): Promise<NewChampion> {
  const known = (await publishedVersions(ledger, key)).find((one) => one.version === version);
  const recorded = known?.output['manifestSha256'];
  const recordedSha256 = typeof recorded === 'string' ? recorded : undefined;
  const { bundle } = await loadVersion(store, key, version, recordedSha256);
  const manifestSha256 =
    recordedSha256 ?? sha256Of(await store.get(versionFileKey(key, version, 'manifest.json'), 'document'));
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
async function replaceVersion(
  ledger: DataSource,
  next: NewChampion,
  current: Champion,
  change: Change,
): Promise<StoredEvent[]> {
  return inTransaction(ledger, async (sql) => {
    const put = await putInForce(sql, next, current.epoch);
    if (put.kind === 'held' || put.kind === 'retired') refuseState(next, put.state);
    if (put.kind !== 'released')
      throw new FactoryError(
        'superseded',
        `the champion of ${describeKey(next)} changed meanwhile: check with \`factory models\` and roll back again`,
        false,
      );
    const { run, source, product, goal } = next;
    const { version, epoch } = put.release;
    await recordAudit(sql, 'rollback', `${source}/${goal}/${product}`, change, {
      from: current.version,
      to: version,
      epoch,
    });
    return insertEvents(sql, [
      [
        { run, source, product, goal },
        { event: 'model.published', shard: `rollback-${epoch}`, body: put.release },
      ],
    ]);
  });
}

function refusal(code: string, field: string, value: unknown, todo: string): BadInputError {
  return new BadInputError(code, { field, value, todo });
}
