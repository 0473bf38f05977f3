/**
 * Limits how many messages may be in progress at the same time. Bindings that are given the same object share
 * it: together they never have more than `size`.
 */
export class Slots {
  private taken = 0;

  constructor(readonly size: number) {}

  get inHand(): number {
    return this.taken;
  }

  get free(): number {
    return this.size - this.taken;
  }

  /** Occupies a slot while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.taken++;
    try {
      return await work();
    } finally {
      this.taken--;
    }
  }
}
