import { ServerAwayError, codeOf, messageOf, type AwayReason } from '@factory/domain';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Logger } from 'pino';
import type { Gauge } from 'prom-client';
import { SERVER_ALARM } from './tokens';

const SERVERS = ['broker', 'database', 'store'] as const;
type Server = (typeof SERVERS)[number];
const REASONS = [
  'unreachable',
  'refused',
  'missing',
  'read-only',
  'busy',
  'full',
] as const satisfies readonly AwayReason[];
const UNAVAILABLE = 'factory_server_unavailable';

/** A server that all work needs, and its fault. */
export interface ServerFault {
  readonly why: AwayReason;
  readonly error: unknown;
  /** Monotonic clock, milliseconds. */
  readonly since: number;
}

/**
 * Reports that the broker, the ledger or the store is unavailable: a log line when it begins, when the reason
 * changes, and when it is over; `factory_server_unavailable`; and the readiness answer.
 */
export class ServerAlarm {
  private readonly raised = new Map<string, ServerFault>();

  constructor(
    private readonly logger: Pick<Logger, 'error' | 'info'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The fault of a server; undefined while none is known. */
  faultOf(server: string): ServerFault | undefined {
    return this.raised.get(server);
  }

  raise(server: string, error: unknown): void {
    const why = error instanceof ServerAwayError ? error.why : 'unreachable';
    const before = this.raised.get(server);
    this.raised.set(server, { why, error, since: before?.since ?? this.now() });
    if (before?.why === why) return;
    const fields = { server, why, code: codeOf(error), err: error };
    this.logger.error(fields, `${server} unavailable, work waits: ${messageOf(error)}`);
  }

  clear(server: string): void {
    const before = this.raised.get(server);
    if (!before) return;
    this.raised.delete(server);
    const seconds = Math.round((this.now() - before.since) / 100) / 10;
    this.logger.info({ server, seconds }, `${server} available again after ${seconds} s`);
  }
}

/** The alarm as a metric. */
@Injectable()
export class ServerAlarmMetric implements OnApplicationBootstrap {
  constructor(
    @Inject(SERVER_ALARM) private readonly alarm: ServerAlarm,
    @InjectMetric(UNAVAILABLE) private readonly gauge: Gauge<'server' | 'why'>,
  ) {}

  onApplicationBootstrap(): void {
    Object.assign(this.gauge, { collect: () => this.collect() });
  }

  private collect(): void {
    for (const server of SERVERS)
      for (const why of REASONS) this.gauge.set({ server, why }, this.is(server, why) ? 1 : 0);
  }

  private is(server: Server, why: AwayReason): boolean {
    return this.alarm.faultOf(server)?.why === why;
  }
}

export const serverAlarmProviders = [
  ServerAlarmMetric,
  makeGaugeProvider({
    name: UNAVAILABLE,
    help: '1 while this process finds the server unavailable, by reason; all but unreachable and busy need an operator to act',
    labelNames: ['server', 'why'],
  }),
];
