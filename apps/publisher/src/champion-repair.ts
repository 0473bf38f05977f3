import type { ModelKey } from '@factory/domain';
import {
  championKey,
  readChampionPointer,
  writeChampionPointer,
  type ObjectStore,
} from '@factory/object-store';
import type { Champion, Champions } from '@factory/sql';

/** Keeps `champion.json` a true copy of the database, which is the authority (RULES R9). */
export class ChampionRepair {
  constructor(
    private readonly store: ObjectStore,
    private readonly champions: Champions,
  ) {}

  /** Writes the pointer of one model as the database has it. Safe to repeat. */
  async repair(key: ModelKey): Promise<void> {
    const champion = await this.champions.find(key);
    if (champion) await this.write(champion);
  }

  /** Compares every pointer with the database. @returns the models whose pointer was wrong */
  async repairAll(): Promise<ModelKey[]> {
    const repaired: ModelKey[] = [];
    for (const champion of await this.champions.list()) {
      const pointer = await readChampionPointer(this.store, championKey(champion)).catch(() => undefined);
      if (pointer?.epoch === champion.epoch) continue;
      await this.write(champion);
      repaired.push({ source: champion.source, product: champion.product, goal: champion.goal });
    }
    return repaired;
  }

  private async write(champion: Champion): Promise<void> {
    const { version, location, manifestSha256, epoch, since } = champion;
    await writeChampionPointer(this.store, championKey(champion), {
      version,
      location,
      manifestSha256,
      epoch,
      since: since.toISOString(),
    });
  }
}
