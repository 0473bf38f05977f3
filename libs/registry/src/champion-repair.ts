import type { ModelKey } from '@factory/domain';
import type { Champion, Champions } from '@factory/ledger';
import { championKey } from '@factory/object-store';
import {
  lookAtPointer,
  pointerTo,
  writeChampionPointer,
  type PointerState,
  type PointerStore,
} from './champion-pointer';

/** What comparing every pointer with the database came to. */
export interface RepairedPointers {
  /** Models whose pointer was wrong. */
  readonly repaired: readonly ModelKey[];
  /** Models whose pointer, or whose state, is of a later release: left to a publisher of that release. */
  readonly ofLaterRelease: readonly ModelKey[];
}

/** Keeps `champion.json` a correct copy of the database, which is the authority (rules R9). */
export class ChampionRepair {
  constructor(
    private readonly store: PointerStore,
    private readonly champions: Pick<Champions, 'find' | 'list'>,
  ) {}

  /**
   * Corrects the pointer of one model from the database. Safe to repeat.
   *
   * @returns whether it was wrong
   * @throws NewerVersionError if the pointer is of a later release and behind the database
   */
  async repair(key: ModelKey): Promise<boolean> {
    // Read the pointer first: a champion read after it is at least as new, unless the pointer is wrong.
    const there = await this.lookAt(key);
    const champion = await this.champions.find(key);
    if (!champion || isCopy(there, champion)) return false;
    const ahead = there.epoch !== undefined && there.epoch > champion.epoch;
    return writeChampionPointer(this.store, championKey(key), pointerTo(champion), ahead);
  }

  /** Compares every pointer with the database. */
  async repairAll(): Promise<RepairedPointers> {
    const repaired: ModelKey[] = [];
    const ofLaterRelease: ModelKey[] = [];
    for (const champion of await this.champions.list()) {
      const { source, product, goal } = champion;
      const key = { source, product, goal };
      const there = await this.lookAt(key);
      // What is not known of the state decides which form the pointer has.
      if (champion.unreadable.includes('state')) {
        ofLaterRelease.push(key);
        continue;
      }
      if (isCopy(there, champion)) continue;
      if (there.kind === 'newer') ofLaterRelease.push(key);
      else if (await this.repair(key)) repaired.push(key);
    }
    return { repaired, ofLaterRelease };
  }

  /** @throws NewerVersionError if the pointer is of a later release: this one could not write the next */
  async checkWritable(key: ModelKey): Promise<void> {
    const there = await this.lookAt(key);
    if (there.kind === 'newer') throw there.error;
  }

  private lookAt(key: ModelKey): Promise<PointerState> {
    return lookAtPointer(this.store, championKey(key));
  }
}

/**
 * The time is not compared: a fraction of a second is no reason to write. Of a later release's pointer only the
 * epoch is: one that is ahead is for that release to judge.
 */
function isCopy(there: PointerState, champion: Champion): boolean {
  if (there.kind === 'newer') return there.epoch !== undefined && there.epoch >= champion.epoch;
  const wanted = pointerTo(champion);
  if ('retired' in wanted)
    return (
      there.kind === 'retired' && there.epoch === wanted.epoch && there.tombstone.reason === wanted.reason
    );
  if (there.kind !== 'read') return false;
  const { pointer } = there;
  return (
    pointer.epoch === wanted.epoch &&
    pointer.version === wanted.version &&
    pointer.location === wanted.location &&
    pointer.manifestSha256 === wanted.manifestSha256
  );
}
