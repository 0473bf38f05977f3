import type { AwayReason } from '@factory/domain';

/** Error codes of Node and of the SDK for a store that cannot be reached. */
export const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * Why a store is unavailable, by the name of its error: AWS's list, and additions by MinIO, Ceph and SeaweedFS.
 * Other names say nothing about the store, or are classified by their status.
 */
export const REASON_OF_NAME: Readonly<Record<string, AwayReason>> = {
  TimeoutError: 'unreachable',
  RequestTimeout: 'unreachable',
  InternalError: 'unreachable',
  ServiceUnavailable: 'unreachable',
  XMinioServerNotInitialized: 'unreachable',
  XMinioBackendDown: 'unreachable',

  SlowDown: 'busy',
  SlowDownRead: 'busy',
  SlowDownWrite: 'busy',
  Throttling: 'busy',
  ThrottlingException: 'busy',
  TooManyRequests: 'busy',
  TooManyRequestsException: 'busy',
  RequestLimitExceeded: 'busy',
  BandwidthLimitExceeded: 'busy',
  OperationAborted: 'busy',

  AccessDenied: 'refused',
  AllAccessDisabled: 'refused',
  AccountProblem: 'refused',
  AuthorizationHeaderMalformed: 'refused',
  CredentialsProviderError: 'refused',
  ExpiredToken: 'refused',
  ExpiredTokenException: 'refused',
  InvalidAccessKeyId: 'refused',
  InvalidClientTokenId: 'refused',
  InvalidSecurity: 'refused',
  InvalidToken: 'refused',
  NotSignedUp: 'refused',
  PermanentRedirect: 'refused',
  RequestExpired: 'refused',
  RequestTimeTooSkewed: 'refused',
  SignatureDoesNotMatch: 'refused',
  TokenRefreshRequired: 'refused',
  UnrecognizedClientException: 'refused',

  NoSuchBucket: 'missing',

  InsufficientStorage: 'full',
  QuotaExceeded: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  XMinioStorageFull: 'full',
};

/** Used if the name says nothing: the answer to a HEAD has no body. */
export function reasonOfStatus(status: number): AwayReason | undefined {
  if (status === 507) return 'full';
  if (status === 429) return 'busy';
  if (status >= 500) return 'unreachable';
  return status === 401 || status === 403 || status === 301 ? 'refused' : undefined;
}

/** What to do about an error of this name, if it is more than correcting the key pair. */
export const TODO_OF_NAME: Readonly<Record<string, string>> = {
  AuthorizationHeaderMalformed: 'correct S3_REGION',
  PermanentRedirect: 'correct S3_REGION and S3_ENDPOINT: the bucket is elsewhere',
  RequestTimeTooSkewed: "set this machine's clock, or the store's",
  RequestExpired: "set this machine's clock, or the store's",
};
