/** What a refusal tells: which field, what stood there, and what to do about it (rules R12). */
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

/**
 * A message or a file of a later release. It is sound, and this release cannot read it: work waits for a service that
 * can, and no attempt is used.
 */
export class NewerVersionError extends FactoryError {
  /**
   * @param field what says its version, such as `manifest.json.schemaVersion`
   * @param known the highest version that this release reads
   */
  constructor(field: string, version: number, known: number) {
    super(
      'newer-version',
      `${field} = ${version}: read it with the release that wrote it, or a later one; this release reads up to version ${known}`,
      true,
    );
  }
}

/** Whether something comes of a later release; threads hand on the code of an error, not its class. */
export function isOfNewerRelease(thrown: unknown): thrown is FactoryError {
  return thrown instanceof FactoryError && thrown.code === 'newer-version';
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

/**
 * Why a server is unavailable. `unreachable`: nothing answers, or it is going down. `refused`: it answers, but not to
 * this account. `insecure`: it takes encrypted connections only. `missing`: the database, bucket or table is not there. `read-only`: a former writer after a failover.
 * `busy`: no connection is left, or locks are not given up. `full`: no room on its disk. `unset`: nobody has said where
 * it is, or not in a form that can be read.
 */
export type AwayReason =
  'unreachable' | 'refused' | 'insecure' | 'missing' | 'read-only' | 'busy' | 'full' | 'unset';

interface AwayText {
  /** Follows the server's name in the stable code. */
  readonly code: string;
  readonly says: string;
  /** What somebody has to do, or what happens by itself. */
  readonly todo: string;
}

const AWAY: Readonly<Record<AwayReason, AwayText>> = {
  unreachable: { code: 'away', says: 'cannot be reached', todo: 'work goes on when it is back' },
  refused: { code: 'access-denied', says: 'refuses the account', todo: 'correct its password or its rights' },
  insecure: {
    code: 'tls-required',
    says: 'demands an encrypted connection',
    todo: 'let the account in without TLS (require_secure_transport, REQUIRE SSL): the factory does not speak it yet',
  },
  missing: { code: 'missing', says: 'lacks what is needed', todo: 'create or restore it' },
  'read-only': { code: 'read-only', says: 'is read-only', todo: 'let the address lead to the writer' },
  busy: { code: 'busy', says: 'is busy', todo: 'work goes on when it has room' },
  full: { code: 'full', says: 'is full', todo: 'make room on its disk' },
  unset: {
    code: 'no-connection',
    says: 'has no usable connection string',
    todo: 'set or correct it',
  },
};

/** Every reason there is. */
export const AWAY_REASONS = Object.keys(AWAY) as readonly AwayReason[];

export interface AwayOptions {
  readonly cause?: unknown;
  /** Default `unreachable`. */
  readonly why?: AwayReason;
  /** What to do, where more is known than `why` tells. */
  readonly todo?: string;
}

/** A server (broker, database, store) cannot be used now. Work waits; no attempt is used (rules R12). */
export class ServerAwayError extends FactoryError {
  readonly why: AwayReason;
  /** What somebody has to do, or what happens by itself. */
  readonly todo: string;

  /** @param options `called`: which of several servers, for people */
  constructor(
    readonly server: 'broker' | 'database' | 'source' | 'store',
    options: AwayOptions & { readonly called?: string } = {},
  ) {
    const { why = 'unreachable', called = `the ${server}`, cause } = options;
    const { code, says } = AWAY[why];
    const todo = options.todo ?? AWAY[why].todo;
    super(
      `${server}-${code}`,
      `${called} ${says}${cause === undefined ? '' : ` (${messageOf(cause)})`}: ${todo}`,
      true,
      options,
    );
    this.why = why;
    this.todo = todo;
  }
}

/**
 * One source cannot be read for now. Its own runs wait, without an attempt; every other source goes on.
 * `unreachable`: down, shutting down, busy, or cut off. `refused`: it answers, but somebody has to act: it does not
 * let the account in (wrong or rotated password, missing grant), its database is not there, its disk is full; after
 * a while its runs fail.
 */
export class SourceAwayError extends ServerAwayError {
  /** @param options `why`: what exactly is wrong, for code and text, where `why` alone says less */
  constructor(
    readonly source: string,
    override readonly why: 'unreachable' | 'refused',
    options: AwayOptions = {},
  ) {
    super('source', { ...options, why: options.why ?? why, called: `the source ${source}` });
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
