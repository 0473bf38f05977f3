import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerAwayError } from '@factory/domain';
import { REASON_OF_NAME } from './s3-error-kinds';
import { s3ConfigSchema } from './s3-config';
import { fromSdkError } from './s3-errors';
import { S3ObjectStore } from './s3-object-store';

/** Answers of stores: status and name, as AWS documents them. */
const ANSWERS: readonly (readonly [status: number, name: string, code: string])[] = [
  [400, 'RequestTimeout', 'store-away'],
  [500, 'InternalError', 'store-away'],
  [502, '', 'store-away'],
  [503, 'ServiceUnavailable', 'store-away'],
  [503, 'XMinioServerNotInitialized', 'store-away'],
  [503, 'XMinioBackendDown', 'store-away'],
  [504, '', 'store-away'],
  [503, 'SlowDown', 'store-busy'],
  [503, 'SlowDownRead', 'store-busy'],
  [503, 'SlowDownWrite', 'store-busy'],
  [400, 'Throttling', 'store-busy'],
  [400, 'ThrottlingException', 'store-busy'],
  [429, 'TooManyRequests', 'store-busy'],
  [429, 'TooManyRequestsException', 'store-busy'],
  [429, '', 'store-busy'],
  [503, 'RequestLimitExceeded', 'store-busy'],
  [509, 'BandwidthLimitExceeded', 'store-busy'],
  [409, 'OperationAborted', 'store-busy'],
  [403, 'AccessDenied', 'store-access-denied'],
  [403, 'AllAccessDisabled', 'store-access-denied'],
  [403, 'AccountProblem', 'store-access-denied'],
  [400, 'AuthorizationHeaderMalformed', 'store-access-denied'],
  [400, 'ExpiredToken', 'store-access-denied'],
  [400, 'ExpiredTokenException', 'store-access-denied'],
  [403, 'InvalidAccessKeyId', 'store-access-denied'],
  [403, 'InvalidClientTokenId', 'store-access-denied'],
  [403, 'InvalidSecurity', 'store-access-denied'],
  [400, 'InvalidToken', 'store-access-denied'],
  [403, 'NotSignedUp', 'store-access-denied'],
  [301, 'PermanentRedirect', 'store-access-denied'],
  [403, 'RequestExpired', 'store-access-denied'],
  [403, 'RequestTimeTooSkewed', 'store-access-denied'],
  [403, 'SignatureDoesNotMatch', 'store-access-denied'],
  [400, 'TokenRefreshRequired', 'store-access-denied'],
  [403, 'UnrecognizedClientException', 'store-access-denied'],
  [403, '', 'store-access-denied'],
  [401, '', 'store-access-denied'],
  [404, 'NoSuchBucket', 'store-missing'],
  [507, '', 'store-full'],
  [507, 'InsufficientStorage', 'store-full'],
  [403, 'QuotaExceeded', 'store-full'],
  [400, 'XMinioAdminBucketQuotaExceeded', 'store-full'],
  [507, 'XMinioStorageFull', 'store-full'],
];
/** The SDK's own errors: no store sends them. */
const OF_THE_SDK = ['TimeoutError', 'CredentialsProviderError'];

describe('an answer of a store', () => {
  let server: Server;
  let store: S3ObjectStore;
  let answer = { status: 200, name: '' };

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      // The bucket itself exists.
      if (request.method === 'HEAD') return response.writeHead(200).end();
      const { status, name } = answer;
      const said = `<Error><Code>${name}</Code><Message>the store says ${name}</Message></Error>`;
      response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' });
      response.end(name === '' ? '' : `<?xml version="1.0" encoding="UTF-8"?>${said}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const given = { endpoint, region: 'us-east-1', bucket: 'bucket', prefix: 'p' };
    store = new S3ObjectStore(
      s3ConfigSchema.parse({ ...given, accessKeyId: 'key', secretAccessKey: 'hidden-secret' }),
    );
  });
  afterAll(async () => {
    store.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(ANSWERS)('%i %s is %s', async (status, name, code) => {
    answer = { status, name };
    const error = await store.put('a', 'b', { contentType: 'text/plain' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ServerAwayError);
    expect(error).toMatchObject({ code, server: 'store', retryable: true });
    const { message } = error as Error;
    if (name !== '' && name !== 'NoSuchBucket') expect(message).toContain(name);
    expect(message).not.toContain('hidden-secret');
  });

  it.each([
    ['RequestTimeTooSkewed', /set this machine's clock, or the store's$/],
    ['PermanentRedirect', /correct S3_REGION and S3_ENDPOINT/],
    ['InvalidAccessKeyId', /check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY/],
  ])('says what to do about %s', async (name, todo) => {
    answer = { status: ANSWERS.find(([, one]) => one === name)?.[0] ?? 0, name };
    await expect(store.get('a', 'document')).rejects.toThrow(todo);
  });

  it('is tested for every name of the table', () => {
    const names = [...ANSWERS.map(([, name]) => name).filter((name) => name !== ''), ...OF_THE_SDK];
    expect(new Set(Object.keys(REASON_OF_NAME))).toEqual(new Set(names));
  });

  it.each([
    [404, 'NoSuchKey', 'object-not-found'],
    [412, 'PreconditionFailed', 'object-exists'],
    [400, 'EntityTooLarge', 'store-error'],
    [400, 'InvalidArgument', 'store-error'],
  ])('%i %s says nothing about the store: %s', async (status, name, code) => {
    answer = { status, name };
    await expect(store.put('a', 'b', { contentType: 'text/plain' })).rejects.toMatchObject({ code });
  });

  it.each([
    [{ name: 'TimeoutError', message: 'no answer' }, 'store-away'],
    [{ name: 'CredentialsProviderError', message: 'no credentials' }, 'store-access-denied'],
    [{ name: 'Error', code: 'EAI_AGAIN', message: 'getaddrinfo' }, 'store-away'],
    [{ name: 'Error', message: 'socket hang up' }, 'store-away'],
    [{ name: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:1' }, 'store-away'],
    [{ name: 'constructor', message: 'odd' }, 'store-error'],
  ])('%j of the SDK is %s', (thrown, code) => {
    expect(fromSdkError(thrown, { bucket: 'bucket', key: 'k' })).toMatchObject({ code });
  });
});
