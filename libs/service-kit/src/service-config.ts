import { POOL_PATTERN, POOL_TODO } from '@factory/domain';
import { parseBrokerUrl } from '@factory/messaging';
import { parseConnectionString } from '@factory/mysql';
import { s3ConfigSchema, type S3Config } from '@factory/object-store';
import { hostname } from 'node:os';
import { z } from 'zod';
import { commaList, parsedBy, variable, wholeNumber } from './config';

/** `NATS_URL`. */
export const brokerVariables = {
  NATS_URL: variable(
    parsedBy(parseBrokerUrl),
    'address of NATS: nats://host:port or nats://user:password@host:port, several separated by commas',
    { secret: 'password' },
  ),
};

/** For services; a person at the command line waits and can abort. */
export const ledgerPatienceVariables = {
  LEDGER_ANSWER_TIMEOUT_SECONDS: variable(
    wholeNumber(1, 3_600).default(30),
    'maximum time for the ledger to answer a statement, seconds; then it counts as unavailable and its connections are closed',
  ),
};

/** `FACTORY_DATABASE_URL`. */
export const ledgerVariables = {
  FACTORY_DATABASE_URL: variable(
    parsedBy((text) => parseConnectionString('FACTORY_DATABASE_URL', text)),
    'the ledger: mysql://user:password@host:port/database',
    { secret: 'password' },
  ),
};

const ENDPOINT_FORM = 'write http://host:port or https://host';

/** Nothing but scheme, host and port: keys and bucket have their own variables. */
function isPlainAddress(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password, pathname, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '' && pathname === '/';
}

/** `S3_*`; see `storeConfigOf`. */
export const storeVariables = {
  S3_ENDPOINT: variable(
    z
      .url({ protocol: /^https?$/, error: ENDPOINT_FORM })
      .refine(isPlainAddress, `leave out user, password, path and parameters: ${ENDPOINT_FORM}`)
      .optional(),
    'address of the object store; absent for AWS itself',
    { secret: 'address' },
  ),
  S3_REGION: variable(z.string().default('us-east-1'), 'region of the bucket'),
  S3_ACCESS_KEY_ID: variable(z.string(), 'key id of the object store'),
  S3_SECRET_ACCESS_KEY: variable(z.string(), 'secret key of the object store', { secret: 'whole' }),
  S3_BUCKET: variable(z.string().min(3).max(63), 'bucket for artefacts and models; must exist'),
  S3_PREFIX: variable(z.string().default(''), 'prefix of all keys, so that deployments can share a bucket'),
  S3_FORCE_PATH_STYLE: variable(
    z.enum(['true', 'false'], 'write true or false').optional(),
    'whether the bucket is in the path instead of the host name; default: true except for AWS',
  ),
  S3_MAX_DOCUMENT_KIB: variable(
    wholeNumber(16, 1_048_576).default(1_024),
    'most that is read of an object whose size nobody has recorded (champion.json, manifest.json), KiB; a longer one is refused',
  ),
  S3_MAX_OBJECT_MIB: variable(
    wholeNumber(1, 1_048_576).default(1_024),
    'most that is read into memory of one object, MiB, whatever its reference says; a longer one is refused',
  ),
};

/** `HOST` and `PORT` of health and metrics. */
export const httpVariables = {
  HOST: variable(
    z.string().default('127.0.0.1'),
    'address to listen on for health and metrics; 0.0.0.0 in a container',
  ),
  PORT: variable(
    wholeNumber(0, 65_535).default(3000),
    'port to listen on for health and metrics; 0 = any free one',
  ),
};

/** How the process behaves. */
export const processVariables = {
  LOG_LEVEL: variable(
    z
      .enum(
        ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
        'write fatal, error, warn, info, debug, trace or silent',
      )
      .default('info'),
    'minimum level that is logged',
  ),
  SERVICE_INSTANCE: variable(
    z
      .string()
      .max(100, 'use at most 100 characters')
      .default(() => `${hostname()}-${process.pid}`),
    'name of this process in logs and as owner of leases; default: host name and process id',
  ),
  CODE_VERSION: variable(
    z.string().max(40, 'use at most 40 characters').default('0.2.1'),
    'version of the code, recorded with every run and model',
  ),
  DRAIN_SECONDS: variable(
    wholeNumber(1, 3_600).default(20),
    'time for shutting down on SIGTERM, seconds: half for handlers to finish, half for them to give their work back',
  ),
  START_TIMEOUT_SECONDS: variable(
    wholeNumber(0, 3_600).default(60),
    'how long to wait at start for servers that are unavailable, seconds',
  ),
};

/** `SOURCES_FILE`, for services that read sources. */
export const sourcesVariables = {
  SOURCES_FILE: variable(
    z.string().default('sources.yaml'),
    'file that declares sources, products and goals',
  ),
};

/** `POOLS`, for trainers. */
export const poolsVariables = {
  POOLS: variable(
    commaList(z.string().regex(POOL_PATTERN, POOL_TODO)).default(['default']),
    'pools whose trial groups this trainer trains, separated by commas',
  ),
};

/** Variables of every service. Spread into the service's own `z.object({...})`. */
export const serviceVariables = {
  ...brokerVariables,
  ...ledgerVariables,
  ...ledgerPatienceVariables,
  ...storeVariables,
  ...httpVariables,
  ...processVariables,
};

/** Configuration that every service has. */
export type ServiceConfig = z.output<z.ZodObject<typeof serviceVariables>>;

/** The object store's configuration, from the names of the environment. */
export function storeConfigOf(config: z.output<z.ZodObject<typeof storeVariables>>): S3Config {
  return s3ConfigSchema.parse({
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
    bucket: config.S3_BUCKET,
    prefix: config.S3_PREFIX,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    maxDocumentBytes: config.S3_MAX_DOCUMENT_KIB * 1_024,
    maxObjectBytes: config.S3_MAX_OBJECT_MIB * 1_048_576,
  });
}
