import { TrialCancelledError } from '@factory/engines';

/** Work that waits for a slot. */
export interface PlaceRequest {
  /** Estimated duration: of the waiting work, the longest is next. */
  readonly seconds: number;
  /** Nothing else may run at the same time. */
  readonly alone?: boolean;
  /** Removes it from the queue. */
  readonly signal: AbortSignal;
}

interface Waiting<T> extends PlaceRequest {
  readonly start: (place: T) => void;
}

/**
 * Decides which work gets a free slot next. Longest first: a long trial started last would keep one core busy while
 * the others are idle. Work that must run alone takes precedence: nothing new starts until it has run.
 */
export class PlaceQueue<T> {
  private readonly idle: T[];
  private waiting: Waiting<T>[] = [];
  private isTakenAlone = false;

  constructor(private readonly places: readonly T[]) {
    this.idle = [...places];
  }

  /** Number of free slots. */
  get free(): number {
    return this.isTakenAlone ? 0 : Math.max(0, this.idle.length - this.waiting.length);
  }

  /**
   * Waits for a slot and runs the work in it.
   *
   * @throws TrialCancelledError if `signal` is aborted before the work started
   */
  async use<R>(request: PlaceRequest, work: (place: T) => Promise<R>): Promise<R> {
    const place = await this.placeFor(request);
    try {
      return await work(place);
    } finally {
      if (request.alone) this.isTakenAlone = false;
      this.idle.push(place);
      this.startNext();
    }
  }

  private placeFor(request: PlaceRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal } = request;
      const leave = () => {
        this.waiting = this.waiting.filter((one) => one !== entry);
        reject(new TrialCancelledError());
        this.startNext();
      };
      const entry: Waiting<T> = {
        ...request,
        start: (place) => {
          signal.removeEventListener('abort', leave);
          resolve(place);
        },
      };
      if (signal.aborted) return reject(new TrialCancelledError());
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(entry);
      this.startNext();
    });
  }

  private startNext(): void {
    while (this.idle.length > 0 && this.waiting.length > 0 && !this.isTakenAlone) {
      const alone = this.waiting.find((one) => one.alone);
      if (alone && this.idle.length < this.places.length) return;
      const next =
        alone ?? this.waiting.reduce((longest, one) => (one.seconds > longest.seconds ? one : longest));
      const place = this.idle.pop();
      if (place === undefined) return;
      this.waiting = this.waiting.filter((one) => one !== next);
      this.isTakenAlone = next.alone ?? false;
      next.start(place);
    }
  }
}
