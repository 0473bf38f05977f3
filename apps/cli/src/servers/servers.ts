import { BadInputError, FactoryError, ServerAwayError, messageOf } from '@factory/domain';
import { connectLedger } from '@factory/ledger';
import { checkJetStream, connectBroker, type StreamBounds } from '@factory/messaging';
import { outageReason, parseConnectionString } from '@factory/mysql';
import { S3ObjectStore } from '@factory/object-store';
import { fileLimitsOf, fileVariables, type FileLimits } from '@factory/rows';
import {
  brokerVariables,
  ledgerVariables,
  loadConfig,
  processVariables,
  rulesVariables,
  sourcesVariables,
  storeConfigOf,
  storeVariables,
  variable,
} from '@factory/service-kit';
import { ConnectionsFile, SourceAccess, SourcesFile, type SourceReading } from '@factory/source';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { streamBoundsOf, streamVariables } from './stream-bounds';

const VARIABLES = {
  broker: brokerVariables,
  ledger: ledgerVariables,
  store: storeVariables,
};
export type ServerName = keyof typeof VARIABLES;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The servers that commands use. Each is connected on first use and needs only its own configuration: `score`
 * uses the store only, `grants` none.
 */
export class Servers {
  private connectedLedger: Promise<DataSource> | undefined;
  private connectedBroker: Promise<NatsConnection> | undefined;
  private openStore: S3ObjectStore | undefined;

  /** @param env default: the process's environment */
  constructor(private readonly env?: Environment) {}

  /** @throws BadInputsError `bad-configuration` with all faults of these servers' variables together */
  require(...servers: readonly ServerName[]): void {
    const shape = Object.assign({}, ...servers.map((server) => VARIABLES[server])) as Record<
      string,
      z.ZodType
    >;
    loadConfig(z.object(shape), this.env);
  }

  /** @throws ServerAwayError, BadInputError `database-refused` or `database-missing` */
  ledger(): Promise<DataSource> {
    this.connectedLedger ??= openLedger(this.ledgerUrl);
    return this.connectedLedger;
  }

  get ledgerUrl(): string {
    return loadConfig(z.object(ledgerVariables), this.env).FACTORY_DATABASE_URL;
  }

  /** @throws ServerAwayError, BadInputError `jetstream-off` */
  broker(): Promise<NatsConnection> {
    const { NATS_URL } = loadConfig(z.object(brokerVariables), this.env);
    this.connectedBroker ??= openBroker(NATS_URL);
    return this.connectedBroker;
  }

  store(): S3ObjectStore {
    this.openStore ??= new S3ObjectStore(storeConfigOf(loadConfig(z.object(storeVariables), this.env)));
    return this.openStore;
  }

  /** @throws BadInputError `no-sources-file`, BadInputsError `invalid-sources` */
  sources(): SourcesFile {
    return SourcesFile.load(this.sourcesPath);
  }

  get sourcesPath(): string {
    return loadConfig(z.object(sourcesVariables), this.env).SOURCES_FILE;
  }

  /** The rules file of this environment; undefined: the defaults are in force. */
  get rulesPath(): string | undefined {
    return loadConfig(z.object(rulesVariables), this.env).RULES_FILE;
  }

  /** How much the broker's streams hold. */
  get streamBounds(): StreamBounds {
    return streamBoundsOf(loadConfig(z.object(streamVariables), this.env));
  }

  /** How much is read of a file that somebody names. */
  get fileLimits(): FileLimits {
    return fileLimitsOf(loadConfig(z.object(fileVariables), this.env));
  }

  /** Reads the declared sources over their own connections. */
  sourceAccess(file: SourcesFile): SourceReading {
    const connections = this.connections();
    return new SourceAccess(file, { variable: (name) => connections?.get(name) ?? this.text(name) });
  }

  /**
   * The connection string of a source by its variable, from a mounted file or the environment; undefined if there
   * is none.
   */
  sourceConnection(name: string): string | undefined {
    return this.connections()?.get(name) ?? this.text(name);
  }

  private connections(): ConnectionsFile | undefined {
    const path = this.text('SOURCE_CONNECTIONS_FILE');
    return path === undefined ? undefined : new ConnectionsFile(path);
  }

  get codeVersion(): string {
    const { CODE_VERSION } = processVariables;
    return loadConfig(z.object({ CODE_VERSION }), this.env).CODE_VERSION;
  }

  /** An optional variable. */
  text(name: string): string | undefined {
    const shape: Record<string, z.ZodType> = {
      [name]: variable(z.string().optional(), 'an optional variable'),
    };
    return loadConfig(z.object(shape), this.env)[name] as string | undefined;
  }

  /** Closes all opened connections. */
  async close(): Promise<void> {
    this.openStore?.close();
    await Promise.allSettled([
      this.connectedBroker?.then((connection) => connection.close()),
      this.connectedLedger?.then((ledger) => ledger.destroy()),
    ]);
  }
}

async function openBroker(url: string): Promise<NatsConnection> {
  const connection = await connectBroker({ url, name: 'factory-cli' });
  try {
    await checkJetStream(connection);
    return connection;
  } catch (thrown) {
    await connection.close();
    throw thrown;
  }
}

async function openLedger(url: string): Promise<DataSource> {
  let ledger: DataSource | undefined;
  try {
    ledger = await connectLedger(url);
    await ledger.query('SELECT 1 FROM factory_run LIMIT 1');
    return ledger;
  } catch (cause) {
    await ledger?.destroy();
    throw ledgerError(cause, url);
  }
}

/** The error for people after a failed connection to the ledger. */
export function ledgerError(cause: unknown, url: string): unknown {
  if (cause instanceof FactoryError) return cause;
  const why = outageReason(cause);
  if (why) return new ServerAwayError('database', { cause, why });
  const code = (cause as { code?: unknown }).code;
  const { user, host, port, database } = parseConnectionString('FACTORY_DATABASE_URL', url);
  const refused = (errorCode: string, todo: string): BadInputError =>
    new BadInputError(
      errorCode,
      { field: 'FACTORY_DATABASE_URL', value: `${user}@${host}:${port}/${database}`, todo },
      { cause },
    );
  if (code === 'ER_BAD_DB_ERROR' || code === 'ER_NO_SUCH_TABLE')
    return refused('database-missing', 'run `factory provision` once: it creates database and tables');
  return refused('database-refused', `give an existing user and database (${messageOf(cause)})`);
}
