import { FactoryError, ServerAwayError, messageOf } from '@factory/domain';
import { JetStreamServer } from '@factory/messaging';
import type { ObjectStore } from '@factory/object-store';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Get, Inject, Optional } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { SourcesInUse } from './sources-in-use';
import { BROKER, OBJECT_STORE } from './tokens';

const TIMEOUT_MS = 3_000;

/** `live`: the process turns its event loop. `ready`: it can work on messages now. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicator: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    @Inject(BROKER) private readonly connection: NatsConnection,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Optional() private readonly sources?: SourcesInUse,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.ask('broker', () => this.checkBroker()),
      () => this.ask('database', async () => void (await this.dataSource.query('SELECT 1'))),
      () => this.ask('store', () => this.store.check()),
      ...(this.sources ? [() => this.sourcesInUse(this.sources as SourcesInUse)] : []),
    ]);
  }

  /** What is in use, and a fault in what is not: work goes on with the former, so it is no reason to be unready. */
  private sourcesInUse(sources: SourcesInUse) {
    const check = this.indicator.check('sources');
    try {
      sources.requireAny();
      return check.up(sources.describe());
    } catch (thrown) {
      return check.down({ ...sources.describe(), message: messageOf(thrown) });
    }
  }

  private ask(name: string, check: () => Promise<void>) {
    return this.indicator.check(name).attempt(check).withTimeout(TIMEOUT_MS);
  }

  private async checkBroker(): Promise<void> {
    await this.connection.flush();
    const missing = this.server.missingConsumers;
    if (missing.length > 0)
      throw new ServerAwayError('broker', {
        cause: new FactoryError(
          'not-provisioned',
          `no consumer ${missing.join(', ')}: run \`factory provision\``,
          true,
        ),
      });
  }
}
