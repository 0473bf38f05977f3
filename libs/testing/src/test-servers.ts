import { FactoryError } from '@factory/domain';

/** Addresses of the real servers that int-specs and e2e-specs talk to. */
export interface TestServers {
  readonly natsUrl: string;
  /** Of an account that may create databases named `factory...`. */
  readonly factoryDatabaseUrl: string;
  /** Of an account that may create users and databases named `shop...`. */
  readonly sourceAdminUrl: string;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly bucket: string;
  };
}

/** @throws FactoryError `no-test-servers` naming every variable that is not set */
export function testServers(): TestServers {
  const missing: string[] = [];
  const variable = (name: string): string => {
    const value = process.env[name];
    if (!value) missing.push(name);
    return value ?? '';
  };
  const servers: TestServers = {
    natsUrl: variable('NATS_URL'),
    factoryDatabaseUrl: variable('FACTORY_DATABASE_URL'),
    sourceAdminUrl: variable('SOURCE_ADMIN_URL'),
    s3: {
      endpoint: variable('S3_ENDPOINT'),
      region: variable('S3_REGION'),
      accessKeyId: variable('S3_ACCESS_KEY_ID'),
      secretAccessKey: variable('S3_SECRET_ACCESS_KEY'),
      bucket: variable('S3_BUCKET'),
    },
  };
  if (missing.length === 0) return servers;
  throw new FactoryError(
    'no-test-servers',
    `${missing.join(', ')} not set: start the servers with npm run stack:up, or run npm test`,
    false,
  );
}
