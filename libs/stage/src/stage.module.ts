import { EventLog, StageClaims, StageCommits } from '@factory/ledger';
import { listenToControl, ProgressPublisher, type EventPublisher, type PullGate } from '@factory/messaging';
import {
  ServiceMetrics,
  type ServiceConfig,
  BROKER,
  EVENT_PUBLISHER,
  LOGGER,
  PULL_GATE,
  SERVICE_CONFIG,
  traceHeaders,
} from '@factory/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Announcer } from './announcer';
import { ServiceObserver } from './service-observer';
import { StageRunner } from './stage-runner';

/** Provides what every service that works on stages injects: claims, commits, the announcer, the runner. */
@Global()
@Module({
  providers: [
    {
      provide: StageClaims,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new StageClaims(dataSource),
    },
    {
      provide: StageCommits,
      inject: [DataSource, SERVICE_CONFIG],
      useFactory: (dataSource: DataSource, config: ServiceConfig) =>
        new StageCommits(dataSource, config.CODE_VERSION),
    },
    {
      provide: Announcer,
      inject: [DataSource, EVENT_PUBLISHER],
      useFactory: (dataSource: DataSource, publisher: EventPublisher) =>
        new Announcer(new EventLog(dataSource), publisher, traceHeaders),
    },
    {
      provide: StageRunner,
      inject: [
        StageClaims,
        StageCommits,
        Announcer,
        BROKER,
        LOGGER,
        ServiceMetrics,
        ProgressPublisher,
        SERVICE_CONFIG,
        PULL_GATE,
      ],
      useFactory: makeRunner,
    },
  ],
  exports: [StageClaims, StageCommits, Announcer, StageRunner],
})
export class StageModule {}

function makeRunner(
  claims: StageClaims,
  commits: StageCommits,
  announcer: Announcer,
  connection: NatsConnection,
  logger: Logger,
  metrics: ServiceMetrics,
  progress: ProgressPublisher,
  config: ServiceConfig,
  gate: PullGate,
): StageRunner {
  const listeners = new Set<(run: string) => void>();
  listenToControl(connection, (run) => {
    for (const listener of listeners) listener(run);
  });
  return new StageRunner(claims, commits, announcer, {
    owner: config.SERVICE_INSTANCE,
    observer: new ServiceObserver(logger, metrics, progress),
    onUnavailable: (error) => gate.close(error),
    onControl: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
}
