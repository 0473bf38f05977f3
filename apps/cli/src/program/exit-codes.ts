import {
  BadInputError,
  BadInputsError,
  FactoryError,
  ServerAwayError,
  isOfNewerRelease,
} from '@factory/domain';
import { WaitTimeoutError } from '@factory/fleet';
import { UnfitRowsError } from '@factory/model';

/** Exit codes of the process; documented in `factory --help`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  badInput: 2,
  serverAway: 3,
  runFailed: 4,
  timedOut: 5,
  skipped: 6,
  unfit: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    failed; the message says why
  2    wrong usage or bad input; the message names the field, the value and what to do
  3    a server (broker, database, source, store) is unavailable
  4    retrain --wait: a run failed or was cancelled
  5    retrain --wait: --timeout expired before every run had ended
  6    retrain --wait: every run was skipped, so there is no new model; the message says what to change
  7    score: the rows do not fit the model; the message has the figures of each column
  130  interrupted by Ctrl-C`;

/** At least one of the awaited runs failed or was cancelled. */
export class RunsFailedError extends FactoryError {
  constructor(readonly runs: readonly string[]) {
    super(
      'runs-failed',
      `${runs.length === 1 ? '1 run' : `${runs.length} runs`} failed: see \`factory runs show ${runs[0]?.slice(0, 8)}\``,
      false,
    );
  }
}

/** Nothing was trained: every awaited run was skipped, or there was none. */
export class RunsSkippedError extends FactoryError {
  /** @param reasons of the runs, each with what to do */
  constructor(readonly reasons: readonly string[]) {
    const [first = 'the request started no run'] = reasons;
    super(
      'runs-skipped',
      `${reasons.length > 1 ? `all ${reasons.length} runs were` : 'it was'} skipped: ${first}`,
      false,
    );
  }
}

/** Ctrl-C. */
export class InterruptedError extends FactoryError {
  constructor(message = 'interrupted') {
    super('interrupted', message, false);
  }
}

/** The exit code for the kind of an error. */
export function exitCodeOf(thrown: unknown): ExitCode {
  if (thrown instanceof InterruptedError) return EXIT.interrupted;
  if (thrown instanceof RunsFailedError) return EXIT.runFailed;
  if (thrown instanceof RunsSkippedError) return EXIT.skipped;
  if (thrown instanceof WaitTimeoutError) return EXIT.timedOut;
  if (thrown instanceof UnfitRowsError) return EXIT.unfit;
  // A server that refuses the account will never become available by waiting.
  if (thrown instanceof ServerAwayError)
    return thrown.why === 'refused' || thrown.why === 'missing' ? EXIT.badInput : EXIT.serverAway;
  if (thrown instanceof BadInputError || thrown instanceof BadInputsError) return EXIT.badInput;
  if (isOfNewerRelease(thrown)) return EXIT.badInput;
  return EXIT.failed;
}
