/**
 * How many messages may be in progress at once. Bindings that are given the same object share it: together
 * they never hold more than `size`.
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

  /** Counts a message in while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.taken++;
    try {
      return await work();
    } finally {
      this.taken--;
    }
  }
}
