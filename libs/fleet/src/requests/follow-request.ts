import type { ProgressMessage } from '@factory/contracts';
import { BadInputError, FactoryError, ServerAwayError } from '@factory/domain';
import type { RunStanding, WaitOf } from '@factory/ledger';
import type { RequestState } from './request-state';

export interface FollowPorts extends RequestState {
  /** Resolves after `ms`; rejects when the user aborts. */
  sleep(ms: number): Promise<void>;
  now(): number;
}

/** The time to wait for a request is over; its runs continue. */
export class WaitTimeoutError extends FactoryError {
  constructor(
    readonly seconds: number,
    readonly requestId: string,
  ) {
    super(
      'wait-timed-out',
      `not every run has ended after ${seconds} s; they continue: see \`factory runs --request ${requestId}\``,
      false,
    );
  }
}

/** The state shown to the waiting user. */
export interface RequestView {
  readonly runs: readonly RunStanding[];
  /** The last progress message of each run, by run. */
  readonly progress: ReadonlyMap<string, ProgressMessage>;
  /** Set while the ledger cannot be read; the rest is then the last known state. */
  readonly away?: string;
  /** The source that the request waits for before it can be accepted. */
  readonly waiting?: WaitOf;
}

export interface FollowOptions {
  readonly requestId: string;
  /** Seconds; absent = no limit. */
  readonly timeoutSeconds?: number;
  readonly pollMs: number;
  readonly progress: ReadonlyMap<string, ProgressMessage>;
  readonly show: (view: RequestView) => void;
}

const REFUSAL_EVERY = 3;

/**
 * Waits until all runs of a request have ended. A server that becomes unavailable is waited for.
 *
 * @returns the final state of each run
 * @throws BadInputError with the code of data-prep's refusal, WaitTimeoutError
 */
export async function followRequest(ports: FollowPorts, options: FollowOptions): Promise<RunStanding[]> {
  const until = ports.now() + (options.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  let runs: RunStanding[] = [];
  let taken = false;
  for (let turn = 0; ; turn++) {
    let away: string | undefined;
    let waiting: WaitOf | undefined;
    try {
      taken ||= await ports.taken();
      if (taken) runs = await ports.standings();
      else {
        waiting = await ports.waiting();
        if (turn % REFUSAL_EVERY === REFUSAL_EVERY - 1) await throwIfRefused(ports, options.requestId);
      }
    } catch (thrown) {
      if (!(thrown instanceof ServerAwayError)) throw thrown;
      away = thrown.message;
    }
    options.show({
      ...{ runs, progress: options.progress },
      ...(away ? { away } : {}),
      ...(waiting ? { waiting } : {}),
    });
    if (taken && !away && runs.every((run) => run.outcome !== null)) return runs;
    if (ports.now() >= until) throw new WaitTimeoutError(options.timeoutSeconds ?? 0, options.requestId);
    await ports.sleep(Math.min(options.pollMs, Math.max(1, until - ports.now())));
  }
}

async function throwIfRefused(ports: FollowPorts, requestId: string): Promise<void> {
  const refused = await ports.refused();
  if (!refused) return;
  throw new BadInputError(refused.code || 'request-refused', {
    field: 'request',
    value: requestId,
    todo: `correct it and send the request again; data-prep reports: ${refused.reason}`,
  });
}

/**
 * Runs that ended without a model for a reason that is not an error; a run that was to end early (`--until`)
 * did what was requested.
 */
export function skippedRuns(runs: readonly RunStanding[]): RunStanding[] {
  return runs.filter((run) => run.outcome === 'skipped' && !run.reason?.startsWith('until-'));
}

/** Runs that did not end as requested: they determine the exit code. */
export function failedRuns(runs: readonly RunStanding[]): RunStanding[] {
  return runs.filter((run) => run.outcome === 'failed' || run.outcome === 'cancelled');
}
