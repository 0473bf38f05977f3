import { Orphans, StageCommits } from '@factory/ledger';
import { askToLook } from '@factory/messaging';
import { BROKER, LOGGER, SERVICE_CONFIG } from '@factory/service-kit';
import { Announcer, StageModule } from '@factory/stage';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { ConsumerPositions } from './consumer-positions';
import type { DataPrepConfig } from './data-prep.config';
import { RequestHistory } from './request-history';
import { Sweeper } from './sweeper';

@Injectable()
class SweeperLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly sweeper: Sweeper) {}

  onApplicationBootstrap(): void {
    this.sweeper.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweeper.stop();
  }
}

/** Every data-prep process has a sweeper; a database lock allows one at a time to run. */
@Module({
  imports: [StageModule],
  providers: [
    SweeperLifecycle,
    {
      provide: Sweeper,
      inject: [DataSource, BROKER, Announcer, StageCommits, LOGGER, SERVICE_CONFIG],
      useFactory: (
        dataSource: DataSource,
        connection: NatsConnection,
        announcer: Announcer,
        commits: StageCommits,
        log: Logger,
        config: DataPrepConfig,
      ) =>
        new Sweeper({
          orphans: new Orphans(dataSource),
          positions: new ConsumerPositions(connection),
          history: new RequestHistory(connection),
          announcer,
          commits,
          askToLook: (run) => askToLook(connection, run),
          log,
          everyMs: config.SWEEP_SECONDS * 1000,
        }),
    },
  ],
})
export class SweeperModule {}
