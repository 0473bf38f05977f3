import { checkTrialDataBytes } from './matrix-size';
import type { TrialData } from './trial-data';

/** One dataset as the cache knows it. */
export interface CachedDataset {
  /** Of the dataset and the transform together: `datasetKey`. */
  readonly key: string;
  /** Bytes it takes, known before it is loaded: `trialDataBytes`. */
  readonly bytes: number;
  readonly load: () => Promise<TrialData>;
}

interface Entry {
  readonly bytes: number;
  readonly data: Promise<TrialData>;
  users: number;
}

/** Content decides: the same files of another run are the same dataset. */
export function datasetKey(datasetSha256: string, transformSha256: string): string {
  return `${datasetSha256}/${transformSha256}`;
}

/**
 * The pod's transformed datasets: each loaded once however many groups ask at a time, kept until room is needed, the
 * longest unused first. One in use is never dropped; who needs its room waits for it, so the bound always holds.
 */
export class DatasetCache {
  /** In order of last use. */
  private readonly entries = new Map<string, Entry>();
  private waiting: (() => void)[] = [];

  constructor(private readonly maxBytes: number) {}

  /** Bytes held or promised. */
  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  }

  /**
   * Lends a dataset to `work` and takes it back however that ends.
   *
   * @throws BadInputError `dataset-too-large` when it could never fit
   * @throws whatever `load` throws; a failed load is tried again by the next caller
   */
  async use<T>(wanted: CachedDataset, work: (data: TrialData) => Promise<T>): Promise<T> {
    checkTrialDataBytes(wanted.bytes, this.maxBytes);
    const entry = await this.acquire(wanted);
    try {
      return await work(await entry.data);
    } finally {
      this.release(entry);
    }
  }

  private async acquire(wanted: CachedDataset): Promise<Entry> {
    for (;;) {
      const held = this.entries.get(wanted.key);
      if (held) {
        this.entries.delete(wanted.key);
        this.entries.set(wanted.key, held);
        held.users++;
        return held;
      }
      if (this.makeRoom(wanted.bytes)) return this.startLoading(wanted);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private startLoading(wanted: CachedDataset): Entry {
    const entry: Entry = { bytes: wanted.bytes, data: wanted.load(), users: 1 };
    this.entries.set(wanted.key, entry);
    entry.data.catch(() => this.forget(wanted.key, entry));
    return entry;
  }

  private release(entry: Entry): void {
    entry.users--;
    if (entry.users === 0) this.wakeAll();
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
    this.wakeAll();
  }

  private makeRoom(bytes: number): boolean {
    for (const [key, entry] of this.entries) {
      if (this.bytes + bytes <= this.maxBytes) break;
      if (entry.users === 0) this.entries.delete(key);
    }
    return this.bytes + bytes <= this.maxBytes;
  }

  private wakeAll(): void {
    const woken = this.waiting;
    this.waiting = [];
    woken.forEach((wake) => wake());
  }
}
