import { FactoryError, type SourceAwayError } from './errors';

/**
 * Work on a source is to come again later, without an attempt: the source is unavailable (`fault` says why), or has
 * as much to do as it is allowed to (`fault` null). Nothing was read.
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
      fault ? fault.message : `the source ${source} is read by as many as may: this work comes again`,
      true,
      fault ? { cause: fault } : undefined,
    );
  }
}
