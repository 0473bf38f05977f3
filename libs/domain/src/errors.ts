/** What a refusal says: which field, its value, and what to do about it (rules R12). */
export interface Refusal {
  readonly field: string;
  readonly value: unknown;
  /** A sentence that starts with a verb: what the reader should do next. */
  readonly todo: string;
}

/** Base of all errors that the factory throws on purpose. `code` is stable: operators and tests match on it. */
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

/** Invalid input: it would fail again, so it is never retried. Names the field, its value and what to do. */
export class BadInputError extends FactoryError {
  constructor(
    code: string,
    readonly refusal: Refusal,
    options?: { cause?: unknown },
  ) {
    super(code, `${refusal.field} = ${shown(refusal.value)}: ${refusal.todo}`, false, options);
  }
}

/** Several refusals reported together (configuration at startup, a whole sources.yaml). */
export class BadInputsError extends FactoryError {
  constructor(
    code: string,
    readonly refusals: readonly Refusal[],
  ) {
    super(code, refusals.map((one) => `${one.field} = ${shown(one.value)}: ${one.todo}`).join('\n'), false);
  }
}

/**
 * A message or file of a later release. It is valid, but this release cannot read it: the work waits for a
 * service that can, and no attempt is used.
 */
export class NewerVersionError extends FactoryError {
  /**
   * @param field what states its version or its kind, such as `manifest.json.schemaVersion`
   * @param value as it stands there
   * @param known the highest version that this release reads, or the kinds or values that it knows
   */
  constructor(field: string, value: unknown, known: number | readonly string[]) {
    const reads = typeof known === 'number' ? `reads up to version ${known}` : `knows ${known.join(', ')}`;
    super(
      'newer-version',
      `${field} = ${typeof value === 'string' ? value : shown(value)}: read it with the release that wrote it, or a later one; this release ${reads}`,
      true,
    );
  }
}

/** Whether something was written by a later release; threads pass on the code of an error, not its class. */
export function isOfNewerRelease(thrown: unknown): thrown is FactoryError {
  return thrown instanceof FactoryError && thrown.code === 'newer-version';
}

/** A run that ends without a model for a reason that is not an error: too few sales, nothing to learn. */
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
 * Why a server is unavailable. `unreachable`: it does not answer, or is shutting down. `refused`: it rejects
 * this account. `insecure`: it accepts encrypted connections only. `missing`: the database, bucket or table
 * does not exist. `read-only`: a former writer after a failover. `busy`: no connection is free, or locks are
 * not released. `full`: its disk is full. `unset`: its address is not configured, or not in a valid form.
 */
export type AwayReason =
  'unreachable' | 'refused' | 'insecure' | 'missing' | 'read-only' | 'busy' | 'full' | 'unset';

interface AwayText {
  /** Appended to the server's name to form the stable code. */
  readonly code: string;
  readonly says: string;
  /** What an operator has to do, or what happens automatically. */
  readonly todo: string;
}

const AWAY: Readonly<Record<AwayReason, AwayText>> = {
  unreachable: { code: 'away', says: 'cannot be reached', todo: 'work resumes when it is back' },
  refused: { code: 'access-denied', says: 'refuses the account', todo: 'correct its password or its rights' },
  insecure: {
    code: 'tls-required',
    says: 'requires an encrypted connection',
    todo: 'allow the account to connect without TLS (require_secure_transport, REQUIRE SSL): the factory does not support it yet',
  },
  missing: { code: 'missing', says: 'lacks what is needed', todo: 'create or restore it' },
  'read-only': { code: 'read-only', says: 'is read-only', todo: 'point its address to the writer' },
  busy: { code: 'busy', says: 'is busy', todo: 'work resumes when it has capacity' },
  full: { code: 'full', says: 'is full', todo: 'free space on its disk' },
  unset: {
    code: 'no-connection',
    says: 'has no usable connection string',
    todo: 'set or correct it',
  },
};

export const AWAY_REASONS = Object.keys(AWAY) as readonly AwayReason[];

export interface AwayOptions {
  readonly cause?: unknown;
  /** Default `unreachable`. */
  readonly why?: AwayReason;
  /** What to do, if it is known more precisely than `why` tells. */
  readonly todo?: string;
}

/** A server (broker, database, store) is unavailable. Work waits; no attempt is used (rules R12). */
export class ServerAwayError extends FactoryError {
  readonly why: AwayReason;
  /** What an operator has to do, or what happens automatically. */
  readonly todo: string;

  /** @param options `called`: which of several servers, in log lines and messages */
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
 * One source cannot be read at the moment. Its own runs wait, and no attempt is used; all other sources go on.
 * `unreachable`: down, shutting down, busy, or disconnected. `refused`: it answers, but an operator has to act:
 * it rejects the account (wrong or rotated password, missing grant), its database does not exist, its disk is
 * full; its runs fail if that lasts too long.
 */
export class SourceAwayError extends ServerAwayError {
  /**
   * @param options `why`: the exact fault, for code and text, if it is more specific than `why` of the source
   */
  constructor(
    readonly source: string,
    override readonly why: 'unreachable' | 'refused',
    options: AwayOptions = {},
  ) {
    super('source', { ...options, why: options.why ?? why, called: `the source ${source}` });
  }
}

/** An object read back differs from what was written: its sha256 is not the one in the ledger or manifest. */
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

/** Longest value shown in a message, characters. */
const SHOWN_CHARACTERS = 120;

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 3)}...` : text;
}

/** JSON if the value has it; NaN, bigint and the like as JavaScript prints them. Never throws. */
function textOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
