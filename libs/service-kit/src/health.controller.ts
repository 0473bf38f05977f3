import { FactoryError, ServerAwayError, codeOf } from '@factory/domain';
import { JetStreamServer, type PullGate } from '@factory/messaging';
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
import { checkLedger } from './probes';
import type { ServerAlarm } from './server-alarm';
import { RulesInUse } from './rules-in-use';
import { SourcesInUse } from './sources-in-use';
import { BROKER, OBJECT_STORE, PULL_GATE, SERVER_ALARM } from './tokens';

const TIMEOUT_MS = 3_000;
/** How long an answer about readiness is given again. */
const KEPT_MS = 1_000;

/** `live`: the event loop of the process runs. `ready`: it can process messages now. */
@Controller('health')
export class HealthController {
  private answer: { readonly at: number; readonly result: Promise<HealthCheckResult> } | undefined;

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicator: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly server: JetStreamServer,
    @Inject(BROKER) private readonly connection: NatsConnection,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(PULL_GATE) private readonly gate: PullGate,
    @Inject(SERVER_ALARM) private readonly alarm: ServerAlarm,
    @Optional() private readonly sources?: SourcesInUse,
    @Optional() private readonly rules?: RulesInUse,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Anybody may ask, as often as they like: servers are asked once a second. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    const now = performance.now();
    if (!this.answer || now - this.answer.at >= KEPT_MS) {
      this.answer = { at: now, result: this.check() };
      this.answer.result.catch(() => undefined);
    }
    return this.answer.result;
  }

  private check(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.ask('broker', () => this.checkBroker()),
      () => this.ask('database', () => this.orPause(() => checkLedger(this.dataSource))),
      () => this.ask('store', () => this.orPause(() => this.store.check())),
      ...(this.sources ? [() => this.sourcesInUse(this.sources as SourcesInUse)] : []),
      ...(this.rules ? [() => this.rulesInUse(this.rules as RulesInUse)] : []),
    ]);
  }

  /**
   * The sources in use, and a fault in a change that is not: work continues with the previous content, so the
   * service stays ready.
   */
  private sourcesInUse(sources: SourcesInUse) {
    const check = this.indicator.check('sources');
    try {
      sources.requireAny();
      return check.up(sources.describe());
    } catch (thrown) {
      return check.down({ ...sources.describe(), message: codesOf(thrown) });
    }
  }

  /** As with the sources: a fault in a change leaves the previous rules in force. */
  private rulesInUse(rules: RulesInUse) {
    const check = this.indicator.check('rules');
    try {
      rules.requireValid();
      return check.up(rules.describe());
    } catch (thrown) {
      return check.down({ ...rules.describe(), message: codesOf(thrown) });
    }
  }

  /**
   * A fault known to the alarm is reported immediately: probing a server that does not answer would only take
   * time.
   */
  private ask(name: string, check: () => Promise<void>) {
    const attempt = async (): Promise<void> => {
      const fault = this.alarm.faultOf(name);
      try {
        if (fault) throw fault.error;
        await check();
      } catch (error) {
        throw new Error(codesOf(error), { cause: error });
      }
    };
    return this.indicator.check(name).attempt(attempt).withTimeout(TIMEOUT_MS);
  }

  /** A service without work notices the fault here, and raises the alarm as one with work does. */
  private async orPause(check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (error instanceof ServerAwayError) this.gate.close(error);
      throw error;
    }
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

/** The code of an error and of its cause: the log has the texts, with addresses and accounts, which strangers may not read. */
function codesOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof FactoryError ? `${codeOf(error)} (${cause.code})` : codeOf(error);
}
