import { AsyncLocalStorage } from 'node:async_hooks';

/** Fields of every log line inside a stage. */
export interface LogFields {
  readonly run?: string;
  readonly source?: string;
  readonly product?: number;
  readonly goal?: string;
  readonly stage?: string;
  readonly shard?: string;
  /** W3C `traceparent` of the work in progress; also sent with its events. */
  readonly traceparent?: string;
}

const storage = new AsyncLocalStorage<LogFields>();

/** Adds fields to every log line that `work` writes, at any depth. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** Fields of the work in progress. */
export function logFields(): LogFields {
  return storage.getStore() ?? {};
}
