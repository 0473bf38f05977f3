/** What a refusal tells: which field, what stood there, and what to do about it (RULES R12). */
export interface Refusal {
  readonly field: string;
  readonly value: unknown;
  /** A sentence that starts with a verb: what the reader should do next. */
  readonly todo: string;
}

/** Base of every error that the factory raises on purpose. `code` is stable: operators and tests match on it. */
export class FactoryError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Bad input: it will be as bad next time, so it is never retried. Names field, value and what to do. */
export class BadInputError extends FactoryError {
  constructor(
    code: string,
    readonly refusal: Refusal,
    options?: { cause?: unknown },
  ) {
    super(code, `${refusal.field} = ${shown(refusal.value)}: ${refusal.todo}`, false, options);
  }
}

/** Several refusals reported at once (configuration at boot, a whole sources.yaml). */
export class BadInputsError extends FactoryError {
  constructor(
    code: string,
    readonly refusals: readonly Refusal[],
  ) {
    super(code, refusals.map((one) => `${one.field} = ${shown(one.value)}: ${one.todo}`).join('\n'), false);
  }
}

/** A run that ends without a model for a reason that is nobody's error: too few sales, nothing to learn. */
export class RunSkippedError extends FactoryError {
  constructor(
    readonly reason: string,
    message: string,
    readonly figures: Readonly<Record<string, unknown>> = {},
  ) {
    super(reason, message, false);
  }
}

/** A server (broker, database, store) cannot be reached. Work waits; no attempt is used (DESIGN 3). */
export class ServerAwayError extends FactoryError {
  constructor(
    readonly server: 'broker' | 'database' | 'source' | 'store',
    options?: { cause?: unknown },
  ) {
    super(
      `${server}-away`,
      `the ${server} cannot be reached (${messageOf(options?.cause)}): work goes on when it is back`,
      true,
      options,
    );
  }
}

/**
 * One source cannot be read for now. Its own runs wait, without an attempt; every other source goes on.
 * `unreachable`: down, shutting down, full, or cut off. `refused`: it answers, but does not let the account in
 * (wrong or rotated password, missing grant); after a while its runs fail.
 */
export class SourceAwayError extends ServerAwayError {
  constructor(
    readonly source: string,
    readonly why: 'unreachable' | 'refused',
    options?: { cause?: unknown },
  ) {
    super('source', options);
  }
}

/** Something read back is not what was written: its sha256 differs from the one in the ledger or manifest. */
export class IntegrityError extends FactoryError {
  constructor(
    readonly key: string,
    readonly expectedSha256: string,
    readonly actualSha256: string,
  ) {
    super(
      'sha256-mismatch',
      `${key} has sha256 ${actualSha256}, expected ${expectedSha256}: restore the object or train again`,
      false,
    );
  }
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The stable code of anything thrown; `unexpected` for errors that the factory did not raise. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof FactoryError) return thrown.code;
  return 'unexpected';
}

/** Longest text of a value in a message. */
const SHOWN_CHARACTERS = 120;

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 3)}...` : text;
}

/** JSON for what it can say; NaN, bigint and what has no JSON as JavaScript writes them. Never throws. */
function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
