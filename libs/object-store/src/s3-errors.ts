import { FactoryError, ServerAwayError, messageOf, type AwayReason } from '@factory/domain';
import { NETWORK_CODES, REASON_OF_NAME, TODO_OF_NAME, reasonOfStatus } from './s3-error-kinds';

/** The request that the store answered with an error. */
export interface Asked {
  readonly bucket: string;
  readonly key: string;
}

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Converts an error of the SDK into one of the factory's; the factory's own errors pass unchanged. */
export function fromSdkError(thrown: unknown, asked: Asked): FactoryError {
  if (thrown instanceof FactoryError) return thrown;
  const { name = '', code = '', message = '', $metadata } = (thrown ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  const why = awayReason(name, code, message, status);
  if (why === 'missing') return bucketMissing(asked.bucket, thrown);
  if (why) return unavailable(why, name || `status ${status}`, asked, thrown);
  if (isMissing(thrown)) {
    return new FactoryError(
      'object-not-found',
      `${asked.key} is not in bucket ${asked.bucket}: check the key, or run the stage that writes it again`,
      false,
      { cause: thrown },
    );
  }
  if (name === 'PreconditionFailed' || status === 412 || status === 409) {
    return new FactoryError(
      'object-exists',
      `${asked.key} is in bucket ${asked.bucket} already: write under another key, it is never replaced`,
      false,
      { cause: thrown },
    );
  }
  return new FactoryError('store-error', `the store refused ${asked.key}: ${name} ${message}`, true, {
    cause: thrown,
  });
}

/** The bucket does not exist: deleted, not created yet, or misspelt. */
export function bucketMissing(bucket: string, cause: unknown): ServerAwayError {
  return new ServerAwayError('store', {
    why: 'missing',
    todo: 'create the bucket or correct S3_BUCKET',
    cause: new Error(`no bucket ${bucket}`, { cause }),
  });
}

function unavailable(why: AwayReason, name: string, asked: Asked, thrown: unknown): ServerAwayError {
  const keyPair = `check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and that they may read and write bucket ${asked.bucket}`;
  const known = Object.hasOwn(TODO_OF_NAME, name) ? TODO_OF_NAME[name] : undefined;
  const todo = known ?? (why === 'refused' ? keyPair : undefined);
  const text = messageOf(thrown);
  // For a HEAD the SDK knows only the status, and calls the error unknown.
  const cause = text.includes(name) ? thrown : new Error(`${name}: ${text}`, { cause: thrown });
  return new ServerAwayError('store', { why, cause, ...(todo === undefined ? {} : { todo }) });
}

/** Whether the store says that the object does not exist (for a HEAD only the status is known). */
export function isMissing(thrown: unknown): boolean {
  const { name, $metadata } = (thrown ?? {}) as SdkError;
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

function awayReason(name: string, code: string, message: string, status: number): AwayReason | undefined {
  const byName = Object.hasOwn(REASON_OF_NAME, name) ? REASON_OF_NAME[name] : undefined;
  const why = byName ?? (NETWORK_CODES.has(code) ? 'unreachable' : reasonOfStatus(status));
  if (why || status !== 0) return why;
  // The SDK wraps errors that it does not recognise as errors; only their text is left.
  const words = message.split(/[^A-Z_]+/);
  return words.some((word) => NETWORK_CODES.has(word)) ||
    /socket hang up|aborted|premature close/i.test(message)
    ? 'unreachable'
    : undefined;
}
