import { TrialCancelledError } from '@factory/engines';

/** Work that wants a place. */
export interface PlaceRequest {
  /** About how long it will take: of those that wait, the longest is next. */
  readonly seconds: number;
  /** Nothing else may run beside it. */
  readonly alone?: boolean;
  /** Takes it out of the queue. */
  readonly signal: AbortSignal;
}

interface Waiting<T> extends PlaceRequest {
  readonly start: (place: T) => void;
}

/**
 * Who gets a free place next. Longest first: a long trial begun last would keep one core busy while the others have
 * nothing left. Work that must run alone goes before everything: nothing new starts until it had its turn.
 */
export class PlaceQueue<T> {
  private readonly idle: T[];
  private waiting: Waiting<T>[] = [];
  private isTakenAlone = false;

  constructor(private readonly places: readonly T[]) {
    this.idle = [...places];
  }

  /** How much more work could start at once. */
  get free(): number {
    return this.isTakenAlone ? 0 : Math.max(0, this.idle.length - this.waiting.length);
  }

  /**
   * Waits for a place and works there.
   *
   * @throws TrialCancelledError when `signal` is aborted before the work started
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
