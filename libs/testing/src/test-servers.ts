import { BadInputsError, type Refusal } from '@factory/domain';

/** Addresses of the specs' shared servers. */
export interface TestServers {
  readonly natsUrl: string;
  /** May create databases named `factory...`. */
  readonly databaseUrl: string;
  /** May create shops: databases named `shop...`, and users with grants on them. */
  readonly sourceAdminUrl: string;
  readonly store: TestStore;
}

export interface TestStore {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
}

/**
 * Addresses of the shared servers, from the environment set by `npm test` or `npm run stack:up`.
 *
 * @throws BadInputsError `no-test-servers` with every variable that is not set
 */
export function testServers(env: NodeJS.ProcessEnv = process.env): TestServers {
  const refusals: Refusal[] = [];
  const read = (field: string): string => {
    const value = env[field];
    if (!value)
      refusals.push({ field, value, todo: 'Run the specs with npm test, or evaluate npm run -s stack:up.' });
    return value ?? '';
  };
  const servers: TestServers = {
    natsUrl: read('NATS_URL'),
    databaseUrl: read('FACTORY_DATABASE_URL'),
    sourceAdminUrl: read('SOURCE_ADMIN_URL'),
    store: {
      endpoint: read('S3_ENDPOINT'),
      region: env.S3_REGION ?? 'us-east-1',
      accessKeyId: read('S3_ACCESS_KEY_ID'),
      secretAccessKey: read('S3_SECRET_ACCESS_KEY'),
      bucket: read('S3_BUCKET'),
    },
  };
  if (refusals.length > 0) throw new BadInputsError('no-test-servers', refusals);
  return servers;
}
