import { AsyncLocalStorage } from 'node:async_hooks';

const lending = new AsyncLocalStorage<() => void>();

/** Runs the work of a message; `lend` is what `lendSlot` calls inside it. */
export function withLending<T>(lend: () => void, work: () => Promise<T>): Promise<T> {
  return lending.run(lend, work);
}

/**
 * Called by work on a message that can only wait: for a server that does not answer. Another message may take
 * its slot meanwhile; its own outcome is settled as usual. Outside such work it does nothing.
 */
export function lendSlot(): void {
  lending.getStore()?.();
}
