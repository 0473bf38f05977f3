import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { mustSucceed, runFactoryCli, type CliRun } from './cli-process';
import { freshBucketPrefix, freshDatabase, freshSuffix, testStoreClient, type Fresh } from './fresh';
import { restartableServer, type RestartableServer, type ServerRole } from './restartable-server';
import { startApp, type RunningApp } from './start-app';
import { testServers } from './test-servers';

export const SERVICES = ['data-prep', 'sampling', 'trainer', 'evaluator', 'publisher'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Ten processes may start at once on two cores. */
const START_WITHIN_MS = 90_000;

/** A shop to simulate, see `factory simulate`. */
export interface FactoryShop {
  readonly source: string;
  /** `id:visits:rate`. */
  readonly products: readonly string[];
  /** Default 40. */
  readonly days?: number;
  readonly seed?: number;
  /** `full`, `small` (default) or `events`. */
  readonly features?: string;
}

export interface FactoryOptions {
  readonly shops: readonly FactoryShop[];
  /** Processes of each service; default 1. */
  readonly services?: number;
  /** Separate servers, which the spec may kill. The broker always is separate, because names of streams are fixed. */
  readonly own?: readonly ServerRole[];
  /** Policy of every product of every shop, see `factory policy set`. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The whole factory as separate processes, with its own ledger, bucket prefix, broker and shops. */
export class Factory {
  readonly apps: RunningApp[] = [];

  constructor(
    /** Environment of the services and the command line. */
    readonly env: Readonly<Record<string, string>>,
    /** Servers that may be killed. */
    readonly servers: ReadonlyMap<ServerRole, RestartableServer>,
    /** Databases of the shops by source; their owner is SOURCE_ADMIN_URL. */
    readonly shops: ReadonlyMap<string, string>,
    private readonly database: Pool,
    private readonly store: S3Client,
    private readonly fresh: readonly Fresh[],
  ) {}

  /** Runs the command line. */
  cli(...args: readonly string[]): Promise<CliRun> {
    return runFactoryCli(this.env, args);
  }

  /** Runs the command line with --json. @throws FactoryError `program-failed` unless its exit code is 0 */
  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(mustSucceed(`factory ${args.join(' ')}`, await this.cli(...args, '--json'))) as T;
  }

  /** Queries the ledger. */
  async rows<T>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const [rows] = await this.database.query<RowDataPacket[]>(sql, [...parameters]);
    return rows as T[];
  }

  /** Runs a statement in the shop of a source, as its owner. */
  async changeShop(source: string, statement: string): Promise<void> {
    const pool = createPool({ uri: this.env.SOURCE_ADMIN_URL, connectionLimit: 1, timezone: 'Z' });
    try {
      await pool.query('USE ??', [this.shops.get(source)]);
      await pool.query(statement);
    } finally {
      await pool.end();
    }
  }

  /** Keys of the store with this prefix, without the factory's own prefix. */
  async keys(under: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.store.send(
        new ListObjectsV2Command({
          Bucket: this.env.S3_BUCKET,
          Prefix: `${this.env.S3_PREFIX}/${under}`,
          ContinuationToken: token,
        }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key?.slice(`${this.env.S3_PREFIX}/`.length) ?? ''));
      token = page.NextContinuationToken;
    } while (token);
    return keys;
  }

  /** Reads an object of the store. */
  async object(key: string): Promise<Buffer> {
    const { Body } = await this.store.send(
      new GetObjectCommand({ Bucket: this.env.S3_BUCKET, Key: `${this.env.S3_PREFIX}/${key}` }),
    );
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Writes an object, like an unauthorised writer. */
  async putObject(key: string, bytes: Buffer): Promise<void> {
    await this.store.send(
      new PutObjectCommand({ Bucket: this.env.S3_BUCKET, Key: `${this.env.S3_PREFIX}/${key}`, Body: bytes }),
    );
  }

  /** Copies all objects under `under` from the store into a folder. */
  async download(under: string, folder: string): Promise<void> {
    for (const key of await this.keys(under)) {
      const file = join(folder, key);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await this.object(key));
    }
  }

  /**
   * Starts one more process of a service; its name is the owner of its leases.
   *
   * @param release root folder of its release; default: this repository
   */
  async start(
    service: ServiceName,
    env: Readonly<Record<string, string>> = {},
    release?: string,
  ): Promise<RunningApp> {
    const app = await startApp(
      service,
      { ...this.env, SERVICE_INSTANCE: `${service}-${freshSuffix()}`, ...env },
      { readyWithinMs: START_WITHIN_MS, ...(release === undefined ? {} : { release }) },
    );
    this.apps.push(app);
    return app;
  }

  /** Starts the given number of processes of each service. */
  async startServices(each = 1): Promise<void> {
    const wanted = Array.from({ length: each }, () => SERVICES).flat();
    const started = await Promise.allSettled(wanted.map((service) => this.start(service)));
    for (const one of started) if (one.status === 'rejected') throw one.reason as Error;
  }

  /** Kills its processes (SIGKILL) like a crash, except those named. */
  async killServices(...spared: readonly RunningApp[]): Promise<void> {
    const killed = this.apps.splice(0).filter((app) => !spared.includes(app));
    this.apps.push(...spared);
    await Promise.all(killed.map((app) => app.kill()));
  }

  /** Stops everything in an orderly way, and removes everything. @throws AppFaultError if a service does not stop cleanly */
  async dispose(): Promise<void> {
    const running = this.apps.splice(0).filter((app) => app.isRunning);
    const stopped = await Promise.allSettled(running.map((app) => app.stop()));
    await this.database.end();
    this.store.destroy();
    await disposeAll(this.fresh);
    const faults = stopped.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    if (faults[0]) throw faults[0];
  }
}

/**
 * Networks of a few hundred goals and a dozen epochs are surely worse than logistic regression where the truth is nearly
 * linear, and not yet calibrated. What specs of the chain look at is what becomes of a model that is good enough.
 */
const RULES_OF_SMALL_SHOPS = `
verdict: { logisticTolerance: 1, calibrationRatio: { from: 0.5, to: 2 } }
checks: { score-mean: { limit: 2 } }
`;

/** Starts a factory: servers, ledger, broker and shops, then its services. The caller disposes of it. */
export async function startFactory(options: FactoryOptions): Promise<Factory> {
  const fresh: Fresh[] = [];
  let factory: Factory | undefined;
  try {
    factory = await prepareFactory(options, fresh);
    await factory.startServices(options.services ?? 1);
    return factory;
  } catch (error) {
    await factory?.killServices();
    await (factory ? factory.dispose() : disposeAll(fresh));
    throw error;
  }
}

async function disposeAll(fresh: readonly Fresh[]): Promise<void> {
  for (const one of fresh) await one.dispose();
}

/** The parts of `fresh` are disposed of from first to last. */
async function prepareFactory(options: FactoryOptions, fresh: Fresh[]): Promise<Factory> {
  const { shops, own = [], policy, env: given } = options;
  const env: Record<string, string> = await addresses(own, fresh);
  const servers = new Map<ServerRole, RestartableServer>();
  for (const role of new Set<ServerRole>(['broker', ...own])) {
    const server = await restartableServer(role);
    servers.set(role, server);
    fresh.push(server);
    Object.assign(env, server.env);
  }
  const folder = await mkdtemp(join(tmpdir(), 'factory-e2e-'));
  fresh.push({ dispose: () => rm(folder, { recursive: true, force: true }) });
  const rules = join(folder, 'rules.yaml');
  await writeFile(rules, RULES_OF_SMALL_SHOPS);
  Object.assign(env, { SOURCES_FILE: join(folder, 'sources.yaml'), RULES_FILE: rules }, given);
  mustSucceed('factory provision', await runFactoryCli(env, ['provision']));
  const databases = new Map<string, string>();
  for (const shop of shops) databases.set(shop.source, await simulate(env, shop, fresh));
  const database = createPool({ uri: env.FACTORY_DATABASE_URL, timezone: 'Z', connectionLimit: 4 });
  const store = testStoreClient(storeOf(env));
  const factory = new Factory(env, servers, databases, database, store, fresh);
  if (policy) await setPolicies(factory, shops, policy);
  return factory;
}

async function addresses(own: readonly ServerRole[], fresh: Fresh[]): Promise<Record<string, string>> {
  const shared = testServers();
  const prefix = own.includes('store') ? undefined : freshBucketPrefix('e2e');
  const ledger = own.includes('database') ? undefined : await freshDatabase('factory_e2e');
  fresh.push(...[prefix, ledger].filter((one) => one !== undefined));
  return {
    S3_ENDPOINT: shared.store.endpoint,
    S3_REGION: shared.store.region,
    S3_ACCESS_KEY_ID: shared.store.accessKeyId,
    S3_SECRET_ACCESS_KEY: shared.store.secretAccessKey,
    S3_BUCKET: shared.store.bucket,
    SOURCE_ADMIN_URL: shared.sourceAdminUrl,
    VISITOR_HASH_KEY: 'visitor-hash-key-of-the-specs',
    // Work whose source has no free slot is claimed again, which specs count. Sources with the same name on the shared
    // server share their slots, even across concurrent specs.
    SOURCE_CONCURRENCY: '64',
    ...(prefix ? { S3_PREFIX: prefix.prefix } : {}),
    ...(ledger ? { FACTORY_DATABASE_URL: ledger.url } : {}),
  };
}

function storeOf(env: Readonly<Record<string, string>>) {
  return {
    endpoint: env.S3_ENDPOINT ?? '',
    region: env.S3_REGION ?? '',
    accessKeyId: env.S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '',
    bucket: env.S3_BUCKET ?? '',
  };
}

async function simulate(env: Record<string, string>, shop: FactoryShop, fresh: Fresh[]): Promise<string> {
  const { source, products, days = 40, seed = 1, features = 'small' } = shop;
  const name = `shop_${source.replaceAll('-', '_')}_${freshSuffix()}`;
  const args = ['simulate', '--source', source, '--database', name, '--reader', `r_${freshSuffix()}`];
  args.push('--features', features, '--days', String(days), '--seed', String(seed), '--json');
  // A first model must beat the base rate (rules R8): with few visits only where features tell much.
  args.push('--signal', '3');
  const made = JSON.parse(
    mustSucceed(
      'factory simulate',
      await runFactoryCli(env, [...args, ...products.flatMap((one) => ['--product', one])]),
    ),
  ) as { database: string; connectionEnv: string; connectionString: string };
  env[made.connectionEnv] = made.connectionString;
  const reader = new URL(made.connectionString).username;
  const uri = env.SOURCE_ADMIN_URL;
  // Before a separate server is stopped.
  fresh.unshift({
    dispose: async () => {
      const owner = createPool({ uri, connectionLimit: 1 });
      await owner.query('DROP DATABASE IF EXISTS ??', [made.database]);
      await owner.query(`DROP USER IF EXISTS '${reader}'@'%'`);
      await owner.end();
    },
  });
  return made.database;
}

async function setPolicies(
  factory: Factory,
  shops: readonly FactoryShop[],
  policy: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const { source, products } of shops)
    for (const product of products)
      await factory.rows(
        `INSERT INTO factory_policy (source, product, goal, policy, updated_at)
         VALUES (?, ?, 'sale', ?, UTC_TIMESTAMP(6))`,
        [source, Number(product.split(':')[0]), JSON.stringify(policy)],
      );
}
