import { BadInputError, FactoryError, ServerAwayError } from '@factory/domain';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const NETWORK_NAMES = new Set(['TimeoutError', 'RequestTimeout', 'SlowDown', 'ServiceUnavailable']);
const DENIED_NAMES = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
]);

/** What was asked for when the store answered with an error. */
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

/** Turns whatever the SDK threw into one of the factory's errors; its own errors pass unchanged. */
export function fromSdkError(thrown: unknown, asked: Asked): FactoryError {
  if (thrown instanceof FactoryError) return thrown;
  const { name = '', code = '', message = '', $metadata } = (thrown ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  if (isAway(name, code, message, status)) return new ServerAwayError('store', { cause: thrown });
  if (name === 'NoSuchBucket') return bucketMissing(asked.bucket, thrown);
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
      `${asked.key} lies in bucket ${asked.bucket} already: write under another key, it is never replaced`,
      false,
      { cause: thrown },
    );
  }
  if (DENIED_NAMES.has(name) || status === 401 || status === 403) {
    return new BadInputError(
      'store-access-denied',
      {
        field: 'S3_ACCESS_KEY_ID',
        value: name || status,
        todo: `check the key pair and that it may read and write bucket ${asked.bucket}`,
      },
      { cause: thrown },
    );
  }
  return new FactoryError('store-error', `the store refused ${asked.key}: ${name} ${message}`, true, {
    cause: thrown,
  });
}

/** The refusal of a bucket that is not there. */
export function bucketMissing(bucket: string, cause: unknown): BadInputError {
  return new BadInputError(
    'bucket-missing',
    { field: 'S3_BUCKET', value: bucket, todo: 'create the bucket or correct the name' },
    { cause },
  );
}

/** Whether the store says that nothing lies there (of a HEAD only the status is left). */
export function isMissing(thrown: unknown): boolean {
  const { name, $metadata } = (thrown ?? {}) as SdkError;
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

function isAway(name: string, code: string, message: string, status: number): boolean {
  if (status >= 500 || status === 429) return true;
  if (NETWORK_CODES.has(code) || NETWORK_NAMES.has(name)) return true;
  if (status !== 0) return false;
  // The SDK wraps errors that it does not take for errors; only their text is left.
  const words = message.split(/[^A-Z_]+/);
  return (
    words.some((word) => NETWORK_CODES.has(word)) || /socket hang up|aborted|premature close/i.test(message)
  );
}
