import { AsyncLocalStorage } from 'node:async_hooks';

const lending = new AsyncLocalStorage<() => void>();

/** Does the work of a message in progress; `lend` is what `lendSlot` calls inside it. */
export function withLending<T>(lend: () => void, work: () => Promise<T>): Promise<T> {
  return lending.run(lend, work);
}

/**
 * Called by work on a message that can do nothing but wait: for a server that has fallen silent. Another message may
 * take its slot meanwhile; its own outcome is settled as ever. Outside such work it does nothing.
 */
export function lendSlot(): void {
  lending.getStore()?.();
}
