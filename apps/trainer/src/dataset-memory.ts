import { checkDatasetMemory } from './matrix-size';
import type { TrialData } from './trial-data';
import { collectGarbage } from './workers/collect-garbage';

/** One transformed dataset as the memory knows it. */
export interface CachedDataset {
  /** Of the dataset and the transform together: `datasetKey`. */
  readonly key: string;
  /** Bytes it takes, known before it is loaded: `trialDataBytes`. */
  readonly bytes: number;
  readonly load: () => Promise<TrialData>;
}

/** What is about to be taken, for the log. */
export interface StatedMemory {
  /** `fit`, or `matrix` for a transformed dataset. */
  readonly use: 'fit' | 'matrix';
  readonly bytes: number;
  /** All that is held by then, these bytes included. */
  readonly heldBytes: number;
  readonly maxBytes: number;
}

interface Entry {
  readonly bytes: number;
  readonly data: Promise<TrialData>;
  users: number;
}

interface Waiting {
  readonly isFit: boolean;
  /** @returns whether there was room */
  readonly tryTake: () => boolean;
}

/** Content decides: the same files of another run are the same dataset. */
export function datasetKey(datasetSha256: string, transformSha256: string): string {
  return `${datasetSha256}/${transformSha256}`;
}

/**
 * The pod's memory for datasets, stated before it is taken: what fitting a transform holds while it runs, and
 * transformed datasets, each loaded once however many groups ask at a time and kept until room is needed, the longest
 * unused first. What is in use is never dropped; who needs its room waits for it, so the bound always holds.
 *
 * Nobody waits forever. Who holds memory waits for the planning thread at most and asks for no more memory; who has
 * that thread waits for nobody. So take memory first and the thread second, never the other way round. A fit that
 * waits goes before every group, also those whose dataset is there: it takes seconds, and a whole run waits for it.
 */
export class DatasetMemory {
  /** In order of last use. */
  private readonly entries = new Map<string, Entry>();
  private fitBytes = 0;
  private waiting: readonly Waiting[] = [];

  /** @param onTake is told what is taken, just before it is */
  constructor(
    readonly maxBytes: number,
    private readonly onTake: (stated: StatedMemory) => void = () => undefined,
  ) {}

  /** Bytes held or promised. */
  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, this.fitBytes);
  }

  /**
   * Room for fitting a transform, as long as `work` lasts.
   *
   * @throws BadInputError `dataset-too-large` when it could never fit
   * @throws the signal's reason when it is aborted before there is room
   */
  async lend<T>(bytes: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    checkDatasetMemory('fit', bytes, this.maxBytes);
    await this.roomFor(true, signal, () => (this.makeRoom(bytes) ? this.startFit(bytes) : undefined));
    try {
      return await work();
    } finally {
      this.fitBytes -= bytes;
      this.serve();
    }
  }

  /**
   * Lends a dataset to `work` and takes it back however that ends.
   *
   * @throws BadInputError `dataset-too-large` when it could never fit
   * @throws whatever `load` throws; a failed load is tried again by the next caller
   * @throws the signal's reason when it is aborted before there is room
   */
  async use<T>(
    wanted: CachedDataset,
    work: (data: TrialData) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    checkDatasetMemory('matrix', wanted.bytes, this.maxBytes);
    const entry = await this.roomFor(false, signal, () => this.heldOrLoading(wanted));
    try {
      return await work(await entry.data);
    } finally {
      entry.users--;
      this.serve();
    }
  }

  private roomFor<T>(isFit: boolean, signal: AbortSignal | undefined, take: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = () => {
        this.waiting = this.waiting.filter((one) => one !== entry);
        reject(signal?.reason);
        this.serve();
      };
      const entry: Waiting = {
        isFit,
        tryTake: () => {
          const taken = take();
          if (taken === undefined) return false;
          signal?.removeEventListener('abort', leave);
          resolve(taken);
          return true;
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting = [...this.waiting, entry];
      this.serve();
    });
  }

  private serve(): void {
    const fits = this.waiting.filter(({ isFit }) => isFit);
    const groups = this.waiting.filter(({ isFit }) => !isFit);
    for (const one of [...fits, ...groups]) {
      if (one.tryTake()) this.waiting = this.waiting.filter((other) => other !== one);
      else if (one.isFit) return;
    }
  }

  private heldOrLoading(wanted: CachedDataset): Entry | undefined {
    const held = this.entries.get(wanted.key);
    if (held) {
      this.entries.delete(wanted.key);
      this.entries.set(wanted.key, held);
      held.users++;
      return held;
    }
    return this.makeRoom(wanted.bytes) ? this.startLoading(wanted) : undefined;
  }

  private startLoading({ key, bytes, load }: CachedDataset): Entry {
    this.state('matrix', bytes);
    const entry: Entry = { bytes, data: load(), users: 1 };
    this.entries.set(key, entry);
    entry.data.catch(() => this.forget(key, entry));
    return entry;
  }

  private startFit(bytes: number): true {
    this.state('fit', bytes);
    this.fitBytes += bytes;
    return true;
  }

  private state(use: StatedMemory['use'], bytes: number): void {
    this.onTake({ use, bytes, heldBytes: this.bytes + bytes, maxBytes: this.maxBytes });
  }

  private forget(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key);
    this.serve();
  }

  private makeRoom(bytes: number): boolean {
    const before = this.entries.size;
    for (const [key, entry] of this.entries) {
      if (this.bytes + bytes <= this.maxBytes) break;
      if (entry.users === 0) this.entries.delete(key);
    }
    // Free what was dropped now: its room is about to be taken, and V8 may not look for it for long.
    if (this.entries.size < before) collectGarbage();
    return this.bytes + bytes <= this.maxBytes;
  }
}
