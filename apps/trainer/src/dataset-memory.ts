import { checkDatasetMemory } from './matrix-size';
import type { TrialData } from './trial-data';
import { collectGarbage } from './workers/collect-garbage';

/** One transformed dataset, as a key of the memory. */
export interface CachedDataset {
  /** Identifies dataset and transform together: `datasetKey`. */
  readonly key: string;
  /** Its size in bytes, known before it is loaded: `trialDataBytes`. */
  readonly bytes: number;
  readonly load: () => Promise<TrialData>;
}

/** An allocation that is about to be made, for the log. */
export interface StatedMemory {
  /** `fit`, or `matrix` for a transformed dataset. */
  readonly use: 'fit' | 'matrix';
  readonly bytes: number;
  /** Total bytes held after that, including these. */
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

/**
 * The content is the key: the same files of another run are the same dataset.
 *
 * @param trainFrom start of its train and validation rows, if not all of them
 */
export function datasetKey(datasetSha256: string, transformSha256: string, trainFrom = ''): string {
  return `${datasetSha256}/${transformSha256}/${trainFrom}`;
}

/**
 * The pod's memory for datasets, accounted before it is allocated: the memory of fitting a transform while it runs,
 * and transformed datasets. Each dataset is loaded once for any number of groups and kept until room is needed; the
 * least recently used is dropped first. A dataset in use is never dropped; a caller that needs its room waits, so the
 * limit is never exceeded.
 *
 * No deadlock: a holder of memory waits at most for the planning thread and requests no more memory; a holder of
 * that thread waits for nothing. So acquire memory first and the thread second, never the other way round. A
 * waiting fit takes precedence over every group, even those whose dataset is loaded: it takes seconds, and a whole
 * run waits for it.
 */
export class DatasetMemory {
  /** In order of last use. */
  private readonly entries = new Map<string, Entry>();
  private fitBytes = 0;
  private waiting: readonly Waiting[] = [];

  /** @param onTake called just before an allocation */
  constructor(
    readonly maxBytes: number,
    private readonly onTake: (stated: StatedMemory) => void = () => undefined,
  ) {}

  /** Bytes held or reserved. */
  get bytes(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.bytes, this.fitBytes);
  }

  /**
   * Reserves memory for fitting a transform while `work` runs.
   *
   * @throws BadInputError `dataset-too-large` if it could never fit
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
   * Passes a dataset to `work` and releases it when that ends or fails.
   *
   * @throws BadInputError `dataset-too-large` if it could never fit
   * @throws whatever `load` throws; the next caller retries a failed load
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
    // Free dropped datasets now: their room is about to be used, and V8 might not collect them for a long time.
    if (this.entries.size < before) collectGarbage();
    return this.bytes + bytes <= this.maxBytes;
  }
}
