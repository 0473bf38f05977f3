import type { AwayReason } from '@factory/domain';
import { ERROR_KINDS, KINDS_BY_TEXT, KIND_OF_CODE, KIND_OF_NUMBER, type ErrorKind } from './error-kinds';

/** Messages of the driver that have no code. */
const GONE_TEXT = /in closed state|connection lost|pool is closed/i;

/**
 * The kind of a database error, also inside wrappers (TypeORM's `driverError`, `cause`, Node's list of tried
 * addresses); undefined for errors that say nothing about the server: a wrong statement, or an error of
 * something else.
 */
export function errorKindOf(thrown: unknown): ErrorKind | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const { errno, code, message, cause, driverError, errors } = thrown as Record<string, unknown>;
  const text = typeof message === 'string' ? message : '';
  return (
    (typeof errno === 'number' ? kindOfNumber(errno, text) : undefined) ??
    (typeof code === 'string' && Object.hasOwn(KIND_OF_CODE, code) ? KIND_OF_CODE[code] : undefined) ??
    (GONE_TEXT.test(text) ? 'gone' : undefined) ??
    errorKindOf(driverError) ??
    errorKindOf(cause) ??
    (Array.isArray(errors) ? errorKindOf(errors[0]) : undefined)
  );
}

function kindOfNumber(errno: number, text: string): ErrorKind | undefined {
  const byText = KINDS_BY_TEXT[errno];
  return byText ? byText.find(([words]) => words.test(text))?.[1] : KIND_OF_NUMBER[errno];
}

/**
 * Why the database is unavailable; undefined if it is available: the statement was wrong, or may be retried
 * immediately.
 */
export function awayReason(thrown: unknown): AwayReason | undefined {
  const kind = errorKindOf(thrown);
  const meaning = kind && ERROR_KINDS[kind].ledger;
  return meaning === 'again' ? undefined : meaning;
}

/**
 * As `awayReason`, for a person who has just given address and account: also undefined if these are wrong,
 * since then the person corrects them.
 */
export function outageReason(thrown: unknown): AwayReason | undefined {
  const why = awayReason(thrown);
  return why === 'refused' || why === 'insecure' || why === 'missing' ? undefined : why;
}

/**
 * Whether the server rolled back a transaction, or ended a statement, that was not at fault: it may be retried.
 */
export function mayRunAgain(thrown: unknown): boolean {
  const kind = errorKindOf(thrown);
  return kind !== undefined && ERROR_KINDS[kind].ledger === 'again';
}
