import { FactoryError, describeKey, type ModelKey } from '@factory/domain';
import {
  Champions,
  inTransaction,
  insertEvents,
  lockChampion,
  lockModelState,
  raiseEpoch,
  recordAudit,
  setModelState,
  type Change,
  type ModelState,
  type StoredEvent,
} from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import type { DataSource } from 'typeorm';
import { ChampionRepair } from './champion-repair';
import { loadUnlessBroken } from './load-version';

export interface StateChangeRequest {
  readonly key: ModelKey;
  readonly change: Change;
}

export interface Retired extends ModelKey {
  /** The version that was in force; null: none was. */
  readonly version: string | null;
  readonly epoch: number;
  readonly result: 'retired' | 'was-retired';
}

export interface BroughtBack extends ModelKey {
  /** `no-state`: nothing held or retired it. */
  readonly result: 'no-hold-now' | 'in-force-again' | 'no-state';
  /** The version in force now; null: none was ever published. */
  readonly version: string | null;
  readonly epoch: number;
  /** What is wrong with its bundle, so that nobody can score with it: request a new model. Null: nothing. */
  readonly broken: string | null;
}

type Announce = (events: readonly StoredEvent[]) => Promise<void>;

/**
 * Retires a model (rules R8): one transaction raises the epoch, so that no verdict that is under way can be published,
 * sets the state, and announces it; then `champion.json` becomes a tombstone. Repeating it repairs that.
 *
 * @throws NewerVersionError if champion.json is of a later release; ServerAwayError
 */
export async function retire(
  ledger: DataSource,
  store: Pick<ObjectStore, 'get' | 'put'>,
  { key, change }: StateChangeRequest,
  announce: Announce,
): Promise<Retired> {
  const repair = new ChampionRepair(store, new Champions(ledger));
  await repair.checkWritable(key);
  const { events, ...result } = await inTransaction(ledger, async (sql) => {
    const state = await lockModelState(sql, key);
    const champion = await lockChampion(sql, key);
    const { version = null, epoch: before = 0 } = champion ?? {};
    if (state?.state === 'retired')
      return { ...key, version, epoch: before, result: 'was-retired' as const, events: [] };
    const epoch = champion ? ((await raiseEpoch(sql, key, before)) ?? before) : 0;
    await setModelState(sql, key, { state: 'retired', until: null }, change);
    await recordAudit(sql, 'retire', describeKey(key), change, { version, epoch });
    const retired = await insertEvents(
      sql,
      champion
        ? [
            [
              { ...key, run: champion.run },
              {
                event: 'model.retired',
                shard: `retired-${epoch}`,
                body: { version, epoch, reason: change.reason },
              },
            ],
          ]
        : [],
    );
    return { ...key, version, epoch, result: 'retired' as const, events: retired };
  });
  await repair.repair(key);
  await announce(events);
  return result;
}

/**
 * Ends a hold, or brings a retired model back: the version that was in force is in force again, with the next epoch.
 * Its bundle is loaded before; if it is broken, the product is released nevertheless, as any champion with a broken
 * bundle counts as none, and nothing is announced to scorers.
 *
 * @throws FactoryError `superseded` if the model changed meanwhile; NewerVersionError; ServerAwayError
 */
export async function bringBack(
  ledger: DataSource,
  store: Pick<ObjectStore, 'get' | 'put'>,
  { key, change }: StateChangeRequest,
  announce: Announce,
): Promise<BroughtBack> {
  const champions = new Champions(ledger);
  const repair = new ChampionRepair(store, champions);
  await repair.checkWritable(key);
  const seen = await champions.find(key);
  const loaded = seen && (await loadUnlessBroken(store, key, seen.version, seen.manifestSha256));
  const broken = loaded && 'broken' in loaded ? loaded.broken : null;
  const { events, result, epoch } = await inTransaction(ledger, async (sql) => {
    const state = await lockModelState(sql, key);
    const champion = await lockChampion(sql, key);
    const before = champion?.epoch ?? 0;
    if (!state) return { result: 'no-state' as const, epoch: before, events: [] };
    if (before !== (seen?.epoch ?? 0)) throw superseded(key);
    await setModelState(sql, key, undefined, change);
    const comesBack = state.state === 'retired' && champion !== undefined;
    const raised = comesBack ? ((await raiseEpoch(sql, key, before)) ?? before) : before;
    await recordAudit(sql, 'release', describeKey(key), change, told(state, raised));
    if (state.state === 'held' || !comesBack || !seen || broken !== null)
      return { result: resultOf(state), epoch: raised, events: [] };
    const { run, version, location, manifestSha256 } = seen;
    const body = { version, location, manifestSha256, epoch: raised };
    const released = await insertEvents(sql, [
      [
        { ...key, run },
        { event: 'model.published', shard: `release-${raised}`, body },
      ],
    ]);
    return { result: resultOf(state), epoch: raised, events: released };
  });
  await repair.repair(key);
  await announce(events);
  return { ...key, result, version: seen?.version ?? null, epoch, broken };
}

function resultOf({ state }: ModelState): BroughtBack['result'] {
  return state === 'held' ? 'no-hold-now' : 'in-force-again';
}

function told({ state, since, by, reason }: ModelState, epoch: number): object {
  return { state, since: since.toISOString(), by, because: reason, epoch };
}

function superseded(key: ModelKey): FactoryError {
  return new FactoryError(
    'superseded',
    `the champion of ${describeKey(key)} changed meanwhile: check with \`factory models\` and ask again`,
    false,
  );
}
