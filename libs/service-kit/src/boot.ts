import { BadInputsError, messageOf } from '@factory/domain';
import {
  DeadLetters,
  JetStreamServer,
  ProgressPublisher,
  connectBroker,
  progressOfNewer,
  type Binding,
  type PullGate,
} from '@factory/messaging';
import { S3ObjectStore } from '@factory/object-store';
import type { NatsConnection } from '@nats-io/transport-node';
import type { INestApplication, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { Logger as NestLogger } from 'nestjs-pino';
import { pino, type Logger } from 'pino';
import { waitForServers } from './check-servers';
import { loadConfig, type ConfigSchema } from './config';
import { logFields } from './log-context';
import { ServiceMetrics } from './metrics';
import { brokerProbe, ledgerProbe, storeProbe } from './probes';
import { ServerAlarm } from './server-alarm';
import { closeWithBroker, serverGate } from './server-gate';
import { storeConfigOf, type ServiceConfig } from './service-config';
import { ServiceModule } from './service.module';
import { RulesInUse } from './rules-in-use';
import { SourcesInUse } from './sources-in-use';
import { BROKER } from './tokens';
import type { z } from 'zod';

const SIGNALS = ['SIGTERM', 'SIGINT'];

/** The definition of one service: everything that differs between services. */
export interface ServiceDefinition<S extends ConfigSchema> {
  /** As in `apps/<name>`; the name in logs and in the broker. */
  readonly name: string;
  /** `z.object({...serviceVariables, ...})`. */
  readonly configSchema: S;
  /** The service's own module; the providers of `ServiceModule` are available to it. */
  readonly module: Type<unknown>;
  /** The consumers that it receives messages from. */
  readonly bindings: (config: z.output<S>) => readonly Binding[];
}

/** A running service; for tests. */
export interface RunningService {
  readonly app: INestApplication;
  readonly port: number;
  readonly logger: Logger;
}

/**
 * Runs a service until it is stopped. Never returns with a broken service: an invalid configuration, unusable
 * servers or an unexpected error end the process with code 1 and a message that says what to do. On SIGTERM it
 * stops pulling, finishes or gives back what is in progress, and exits with 0.
 */
export async function bootService<S extends ConfigSchema>(definition: ServiceDefinition<S>): Promise<void> {
  // As process 1 of a container, Node ignores signals without a listener.
  const leave = (): void => process.exit(0);
  for (const signal of SIGNALS) process.once(signal, leave);
  try {
    const { app, logger } = await startService(definition);
    for (const signal of SIGNALS) process.removeListener(signal, leave);
    const die = (event: string) => (thrown: unknown) => {
      logger.fatal({ err: thrown }, `${event}: ${messageOf(thrown)}`);
      process.exit(1);
    };
    process.on('uncaughtException', die('uncaught exception'));
    process.on('unhandledRejection', die('unhandled rejection'));
    void app
      .get<NatsConnection>(BROKER)
      .closed()
      .then((error) => {
        if (error) die('the broker ended the connection for good')(error);
      });
    app.enableShutdownHooks(SIGNALS, { useProcessExit: true });
  } catch (thrown) {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    const text = thrown instanceof BadInputsError ? thrown.message : (stack ?? messageOf(thrown));
    process.stderr.write(`${definition.name} cannot start:\n${text}\n`);
    process.exit(1);
  }
}

/**
 * Reads the configuration, waits for the servers and starts the service in this process.
 *
 * @throws BadInputsError `bad-configuration` or `servers-unusable`
 */
export async function startService<S extends ConfigSchema>(
  definition: ServiceDefinition<S>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunningService> {
  const own = loadConfig(definition.configSchema, env);
  const config = own as unknown as ServiceConfig;
  const logger = makeLogger(definition.name, config);
  const store = new S3ObjectStore(storeConfigOf(config));
  const probes = [
    brokerProbe(config.NATS_URL, definition.name),
    ledgerProbe(config.FACTORY_DATABASE_URL),
    storeProbe(store),
  ];
  await waitForServers(probes, {
    timeoutMs: config.START_TIMEOUT_SECONDS * 1_000,
    log: (text) => logger.warn(text),
  });

  const connection = await connectBroker({
    url: config.NATS_URL,
    name: `${definition.name} ${config.SERVICE_INSTANCE}`,
  });
  const deadLetters = new DeadLetters(connection);
  const progress = new ProgressPublisher(connection);
  let metrics: ServiceMetrics | null = null;
  let requireFiles = (): void => undefined;
  const alarm = new ServerAlarm(logger);
  const gate = serverGate({ probes, alarm, logger, alsoRequire: () => requireFiles() });
  void closeWithBroker(connection, gate);
  const half = (config.DRAIN_SECONDS * 1_000) / 2;
  const server = new JetStreamServer({
    connection,
    deadLetters,
    bindings: definition.bindings(own),
    finishMs: half,
    giveBackMs: half,
    gate,
    onSettled: (settled) => {
      metrics?.settled(settled);
      if (settled.outcome.kind !== 'newer') return;
      const waits = progressOfNewer(settled.message, new Date());
      if (waits) progress.publish(waits, true);
    },
  });

  const app = await NestFactory.create(
    {
      module: class Root {},
      imports: [
        ServiceModule.with({ config, logger, connection, store, deadLetters, server, gate, alarm }),
        definition.module,
      ],
    },
    { bufferLogs: true, abortOnError: false },
  );
  app.useLogger(app.get(NestLogger));
  metrics = app.get(ServiceMetrics);
  const sources = providedBy(app, SourcesInUse);
  const rules = providedBy(app, RulesInUse);
  requireFiles = () => {
    sources?.requireAny();
    rules?.requireValid();
  };
  waitForFiles(gate, requireFiles);
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  await app.listen(config.PORT, config.HOST);
  const port = portOf(app);
  logger.info({ port }, 'listening');
  return { app, port, logger };
}

/** Null in a service that has no such provider. */
function providedBy<T>(app: INestApplication, type: Type<T>): T | null {
  // Nest would log an error if a provider were requested that no module has.
  const modules = [...app.get(ModulesContainer).values()];
  const provided = modules.some(({ providers }) => providers.has(type));
  return provided ? app.get(type, { strict: false }) : null;
}

/** Messages stay in their queues until the first source is declared, and the rules are valid. */
function waitForFiles(gate: PullGate, requireFiles: () => void): void {
  try {
    requireFiles();
  } catch (reason) {
    gate.close(reason);
  }
}

function makeLogger(name: string, config: ServiceConfig): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: { service: name, instance: config.SERVICE_INSTANCE },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => ({ ...logFields() }),
  });
}

function portOf(app: INestApplication): number {
  const server: { address(): { port: number } | string | null } = app.getHttpServer();
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
