import type { ProgressMessage } from '@factory/contracts';
import { watchProgress } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Anybody can publish progress of any run, so the number of runs is limited; callers look up only the runs they
 * requested.
 */
const RUNS_WATCHED = 20_000;

/** The last progress message of each run. */
export interface RunProgress {
  /** By run; updated until `stop`. */
  readonly byRun: ReadonlyMap<string, ProgressMessage>;
  stop(): void;
}

/** Listens to the progress messages of workers from now on. */
export function watchRuns(broker: NatsConnection): RunProgress {
  const byRun = new Map<string, ProgressMessage>();
  const stop = watchProgress(broker, '*', (message) => {
    if (byRun.has(message.run) || byRun.size < RUNS_WATCHED) byRun.set(message.run, message);
  });
  return { byRun, stop };
}
