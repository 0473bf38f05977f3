import { Champions, RunRecord } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { LOGGER, OBJECT_STORE } from '@factory/service-kit';
import { StageModule } from '@factory/stage';
import {
  Inject,
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { ChampionRepair } from '../../../libs/registry/src/champion-repair';
import { PackingThread } from './packing/packing-thread';
import { PublisherConsumer } from './publisher.consumer';

const AGAIN_MS = 5_000;

/** At start, pointers that an earlier process did not get to write are put right, as soon as the servers let it. */
@Injectable()
class RepairAtStart implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    private readonly repair: ChampionRepair,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.untilRepaired();
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async untilRepaired(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const repaired = await this.repair.repairAll();
        if (repaired.length > 0) this.logger.warn({ repaired }, 'champion pointers repaired');
        return;
      } catch (err) {
        this.logger.warn({ err }, 'champion pointers could not be checked: trying again');
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

@Module({
  imports: [StageModule],
  controllers: [PublisherConsumer],
  providers: [
    RepairAtStart,
    PackingThread,
    {
      provide: Champions,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new Champions(dataSource),
    },
    {
      provide: RunRecord,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new RunRecord(dataSource),
    },
    {
      provide: ChampionRepair,
      inject: [OBJECT_STORE, Champions],
      useFactory: (store: ObjectStore, champions: Champions) => new ChampionRepair(store, champions),
    },
  ],
})
export class PublisherModule {}
