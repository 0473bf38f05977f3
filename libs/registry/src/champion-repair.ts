import { codeOf, type ModelKey } from '@factory/domain';
import type { Champion, Champions } from '@factory/ledger';
import { championKey, type ObjectStore } from '@factory/object-store';
import {
  pointerTo,
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
} from './champion-pointer';

/** Keeps `champion.json` a correct copy of the database, which is the authority (rules R9). */
export class ChampionRepair {
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'put'>,
    private readonly champions: Pick<Champions, 'find' | 'list'>,
  ) {}

  /** Corrects the pointer of one model from the database. Safe to repeat. @returns whether it was wrong */
  async repair(key: ModelKey): Promise<boolean> {
    // Read the pointer first: a champion read after it is at least as new, unless the pointer is wrong.
    const there = await this.pointerOf(key);
    const champion = await this.champions.find(key);
    if (!champion || isCopy(there, champion)) return false;
    const ahead = there !== undefined && there.epoch > champion.epoch;
    return writeChampionPointer(this.store, championKey(key), pointerTo(champion), ahead);
  }

  /** Compares every pointer with the database. @returns the models whose pointer was wrong */
  async repairAll(): Promise<ModelKey[]> {
    const repaired: ModelKey[] = [];
    for (const champion of await this.champions.list()) {
      if (isCopy(await this.pointerOf(champion), champion)) continue;
      const { source, product, goal } = champion;
      if (await this.repair(champion)) repaired.push({ source, product, goal });
    }
    return repaired;
  }

  /** Undefined if it does not exist, or cannot be read. */
  private async pointerOf(key: ModelKey): Promise<ChampionPointer | undefined> {
    try {
      return await readChampionPointer(this.store, championKey(key));
    } catch (error) {
      if (codeOf(error) === 'broken-champion-pointer') return undefined;
      throw error;
    }
  }
}

/** The time is not compared: a fraction of a second is no reason to write. */
function isCopy(pointer: ChampionPointer | undefined, champion: Champion): boolean {
  return (
    pointer?.epoch === champion.epoch &&
    pointer.version === champion.version &&
    pointer.location === champion.location &&
    pointer.manifestSha256 === champion.manifestSha256
  );
}
