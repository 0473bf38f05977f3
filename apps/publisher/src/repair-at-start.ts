import { ChampionRepair } from '@factory/registry';
import { LOGGER } from '@factory/service-kit';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const AGAIN_MS = 5_000;

/** At start, repairs pointers that an earlier process did not write, as soon as the servers are available. */
@Injectable()
export class RepairAtStart implements OnApplicationBootstrap, BeforeApplicationShutdown {
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
        const { repaired, ofLaterRelease } = await this.repair.repairAll();
        if (repaired.length > 0) this.logger.warn({ repaired }, 'champion pointers repaired');
        if (ofLaterRelease.length > 0)
          this.logger.warn(
            { ofLaterRelease },
            'champion pointers of a later release are behind the database: upgrade the publisher to have them written',
          );
        return;
      } catch (err) {
        this.logger.warn({ err }, 'champion pointers could not be checked: trying again');
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
