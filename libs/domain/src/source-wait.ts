import { FactoryError, type SourceAwayError } from './errors';

/**
 * The work on a source is to be retried later without using an attempt: the source is unavailable (`fault` says
 * why), or is already read by as many stages as allowed (`fault` null). Nothing was read.
 */
export class SourceWaitError extends FactoryError {
  constructor(
    readonly source: string,
    /** When to try again, milliseconds from now. */
    readonly retryAfterMs: number,
    readonly fault: SourceAwayError | null,
  ) {
    super(
      fault ? fault.code : 'source-at-limit',
      fault
        ? fault.message
        : `the source ${source} is already read by as many stages as allowed: this work is retried`,
      true,
      fault ? { cause: fault } : undefined,
    );
  }
}
