import { ledgerDataSourceOptions } from '@factory/ledger';
import {
  DeadLetters,
  JetStreamPublisher,
  JetStreamServer,
  ProgressPublisher,
  type PullGate,
} from '@factory/messaging';
import type { S3ObjectStore } from '@factory/object-store';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Global,
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { HealthController } from './health.controller';
import { ServiceMetrics, metricsProviders } from './metrics';
import { serverAlarmProviders, type ServerAlarm } from './server-alarm';
import type { ServiceConfig } from './service-config';
import {
  BROKER,
  EVENT_PUBLISHER,
  LOGGER,
  OBJECT_STORE,
  PULL_GATE,
  SERVER_ALARM,
  SERVICE_CONFIG,
} from './tokens';

/** What `bootService` has created before Nest starts. */
export interface ServiceParts {
  readonly config: ServiceConfig;
  readonly logger: Logger;
  readonly connection: NatsConnection;
  readonly store: S3ObjectStore;
  readonly deadLetters: DeadLetters;
  readonly server: JetStreamServer;
  readonly gate: PullGate;
  readonly alarm: ServerAlarm;
}

/** Closes what `bootService` opened, after the last message was settled. */
@Injectable()
class PartsCloser implements OnApplicationShutdown {
  constructor(
    @Inject(BROKER) private readonly connection: NatsConnection,
    @Inject(OBJECT_STORE) private readonly store: S3ObjectStore,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    if (!this.connection.isClosed()) await this.connection.drain().catch(() => this.connection.close());
    this.store.close();
  }
}

/** Provides globally what services inject: broker, ledger, store, metrics, logs, health. */
@Global()
@Module({})
export class ServiceModule {
  static with(parts: ServiceParts): DynamicModule {
    const { config, logger, connection, store, deadLetters, server, gate, alarm } = parts;
    return {
      module: ServiceModule,
      imports: [
        LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false } }),
        TypeOrmModule.forRoot(
          ledgerDataSourceOptions(config.FACTORY_DATABASE_URL, {
            answerTimeoutMs: config.LEDGER_ANSWER_TIMEOUT_SECONDS * 1_000,
          }),
        ),
        TerminusModule.forRoot({ logger: false }),
        PrometheusModule.register({ defaultMetrics: { enabled: true } }),
      ],
      controllers: [HealthController],
      providers: [
        { provide: SERVICE_CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: BROKER, useValue: connection },
        { provide: OBJECT_STORE, useValue: store },
        { provide: EVENT_PUBLISHER, useValue: new JetStreamPublisher(connection) },
        { provide: ProgressPublisher, useValue: new ProgressPublisher(connection) },
        { provide: DeadLetters, useValue: deadLetters },
        { provide: JetStreamServer, useValue: server },
        { provide: PULL_GATE, useValue: gate },
        { provide: SERVER_ALARM, useValue: alarm },
        PartsCloser,
        ...metricsProviders,
        ...serverAlarmProviders,
      ],
      exports: [
        SERVICE_CONFIG,
        LOGGER,
        BROKER,
        OBJECT_STORE,
        EVENT_PUBLISHER,
        PULL_GATE,
        ProgressPublisher,
        DeadLetters,
        ServiceMetrics,
      ],
    };
  }
}
