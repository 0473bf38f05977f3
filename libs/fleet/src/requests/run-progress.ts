import type { ProgressMessage } from '@factory/contracts';
import { watchProgress } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';

/** Anybody may say that a run goes on, of any run: what is shown is looked up by the runs that were asked for. */
const RUNS_WATCHED = 20_000;

/** The last thing that each run said. */
export interface RunProgress {
  /** By run; goes on changing until `stop`. */
  readonly byRun: ReadonlyMap<string, ProgressMessage>;
  stop(): void;
}

/** Listens to what workers say of their runs from now on. */
export function watchRuns(broker: NatsConnection): RunProgress {
  const byRun = new Map<string, ProgressMessage>();
  const stop = watchProgress(broker, '*', (message) => {
    if (byRun.has(message.run) || byRun.size < RUNS_WATCHED) byRun.set(message.run, message);
  });
  return { byRun, stop };
}
