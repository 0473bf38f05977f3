import { BadInputsError } from '@factory/domain';
import { z } from 'zod';
import { commaList, describeConfig, loadConfig, variable, wholeNumber } from './config';
import { poolsVariables, serviceVariables, storeConfigOf } from './service-config';

const complete = {
  NATS_URL: 'nats://127.0.0.1:4222',
  FACTORY_DATABASE_URL: 'mysql://factory:s3cret@127.0.0.1:3306/factory',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'hush',
  S3_BUCKET: 'models',
};
const schema = z.object(serviceVariables);

function faultsOf(env: Record<string, string | undefined>): BadInputsError {
  try {
    loadConfig(schema, env);
  } catch (thrown) {
    if (thrown instanceof BadInputsError) return thrown;
    throw thrown;
  }
  throw new TypeError('the configuration was accepted');
}

describe('loadConfig', () => {
  it('fills in defaults', () => {
    expect(loadConfig(schema, complete)).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      DRAIN_SECONDS: 20,
      S3_REGION: 'us-east-1',
      SERVICE_INSTANCE: expect.stringContaining(String(process.pid)),
    });
  });

  it('reports all faults together, each with its variable and what to do', () => {
    const error = faultsOf({
      ...complete,
      NATS_URL: undefined,
      PORT: '99999',
      LOG_LEVEL: 'loud',
      S3_BUCKET: '',
    });
    expect(error.code).toBe('bad-configuration');
    expect(error.refusals.map(({ field, value }) => [field, value])).toEqual([
      ['NATS_URL', null],
      ['S3_BUCKET', null],
      ['PORT', '99999'],
      ['LOG_LEVEL', 'loud'],
    ]);
    expect(error.message).toMatch(/^NATS_URL = null: set it: address of NATS/);
    expect(error.message).toMatch(/PORT = "99999": write a whole number from 0 to 65535/);
    expect(error.message).toMatch(/LOG_LEVEL = "loud": write fatal, error, /);
  });

  it('names the missing part of a database address', () => {
    const [fault] = faultsOf({
      ...complete,
      FACTORY_DATABASE_URL: 'mysql://factory:s3cret@db:3306',
    }).refusals;
    expect(fault?.todo).toContain('add the database');
  });

  it('never shows a secret', () => {
    const text = faultsOf({
      ...complete,
      NATS_URL: 'http://user:s3cret@broker:4222',
      FACTORY_DATABASE_URL: 'postgres://factory:s3cret@db/factory',
    }).message;
    expect(text).toContain('broker:4222');
    expect(text).not.toContain('s3cret');
  });

  it.each([
    ['http://key:s3cret@store:8333', 'S3_ENDPOINT = "http://***@store:8333": leave out user, password, path'],
    ['http://store:8333/bucket', 'S3_ENDPOINT = "http://store:8333/bucket": leave out user'],
    ['http://store:8333?region=eu', 'leave out user, password, path and parameters'],
    ['store:8333', 'write http://host:port or https://host'],
    ['key:s3cret@store:8333', 'S3_ENDPOINT = "***@store:8333": write http://host:port'],
  ])('accepts only scheme, host and port of the store: %s', (S3_ENDPOINT, message) => {
    const fault = faultsOf({ ...complete, S3_ENDPOINT });
    expect(fault.message).toContain(message);
    expect(fault.message).not.toContain('s3cret');
  });

  it('accepts only 0 or a port for PORT', () => {
    for (const PORT of ['-1', '3.5', 'http', '65536'])
      expect(faultsOf({ ...complete, PORT }).refusals).toHaveLength(1);
    expect(loadConfig(schema, { ...complete, PORT: '0' }).PORT).toBe(0);
  });
});

describe('lists', () => {
  const pools = z.object(poolsVariables);

  it('are separated by commas', () => {
    expect(loadConfig(pools, { POOLS: 'default, gpu ,' }).POOLS).toEqual(['default', 'gpu']);
    expect(loadConfig(pools, {}).POOLS).toEqual(['default']);
  });

  it('refuse an item that is not valid in a subject', () => {
    expect(() => loadConfig(pools, { POOLS: 'default,GPU!' })).toThrow(/POOLS = "default,GPU!": use 1 to 40/);
  });

  it('refuse an empty list', () => {
    const list = z.object({ NAMES: variable(commaList(), 'names') });
    expect(() => loadConfig(list, { NAMES: ' , ' })).toThrow(/name at least one/);
  });
});

describe('describeConfig', () => {
  it('describes each variable for the documentation', () => {
    const described = describeConfig(
      z.object({
        WORKERS: variable(wholeNumber(1, 64).default(2), 'threads that train'),
        TOKEN: variable(z.string(), 'what it is opened with', { secret: 'whole' }),
        NOTE: variable(z.string().optional(), 'anything'),
      }),
    );
    expect(described).toEqual([
      {
        variable: 'WORKERS',
        description: 'threads that train',
        required: false,
        default: '2',
        secret: false,
      },
      { variable: 'TOKEN', description: 'what it is opened with', required: true, secret: true },
      { variable: 'NOTE', description: 'anything', required: false, secret: false },
    ]);
  });

  it('has a description for every variable that all services share', () => {
    for (const one of describeConfig(schema)) expect(one.description).not.toBe('');
  });
});

it('storeConfigOf names the store’s parts', () => {
  const config = loadConfig(schema, {
    ...complete,
    S3_ENDPOINT: 'http://127.0.0.1:8333',
    S3_PREFIX: '/factory/',
  });
  expect(storeConfigOf(config)).toEqual({
    endpoint: 'http://127.0.0.1:8333',
    region: 'us-east-1',
    accessKeyId: 'key',
    secretAccessKey: 'hush',
    bucket: 'models',
    prefix: 'factory',
    forcePathStyle: undefined,
    maxDocumentBytes: 1_048_576,
    maxObjectBytes: 1_073_741_824,
  });
});
