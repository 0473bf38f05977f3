import { SourceWaits, type SourceWait } from '@factory/ledger';
import { SourceAccess } from '@factory/source';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

const WAITING_RUNS = 'factory_source_waiting_runs';
const WAITING_REQUESTS = 'factory_source_waiting_requests';
const UNAVAILABLE = 'factory_source_unavailable';

/** Queried when `/metrics` is requested, at most this often. */
const FRESH_MS = 5_000;

/**
 * How many runs and requests wait for which source, in the whole factory, and this process's view of the
 * sources.
 */
@Injectable()
export class SourceMetrics implements OnApplicationBootstrap {
  private known: { readonly at: number; readonly waits: Promise<readonly SourceWait[]> } | undefined;

  constructor(
    private readonly sources: SourceAccess,
    private readonly waits: SourceWaits,
    @InjectMetric(WAITING_RUNS) private readonly runs: Gauge<'source'>,
    @InjectMetric(WAITING_REQUESTS) private readonly requests: Gauge<'source'>,
    @InjectMetric(UNAVAILABLE) private readonly unavailable: Gauge<'source' | 'why'>,
  ) {}

  onApplicationBootstrap(): void {
    this.onCollect(this.runs, ({ runs }) => runs);
    this.onCollect(this.requests, ({ requests }) => requests);
    collectWith(this.unavailable, () => {
      const faults = this.sources.gate?.faults();
      this.unavailable.reset();
      for (const source of this.sources.names())
        for (const why of ['unreachable', 'refused'] as const)
          this.unavailable.set({ source, why }, faults?.get(source)?.why === why ? 1 : 0);
    });
  }

  private onCollect(gauge: Gauge<'source'>, of: (wait: SourceWait) => number): void {
    collectWith(gauge, async () => {
      const waits = await this.current().catch(() => undefined);
      gauge.reset();
      // Without the ledger the numbers are unknown, and 0 would be wrong.
      if (!waits) return;
      for (const source of this.sources.names()) gauge.set({ source }, 0);
      for (const wait of waits) gauge.set({ source: wait.source }, of(wait));
    });
  }

  private current(): Promise<readonly SourceWait[]> {
    if (!this.known || performance.now() - this.known.at > FRESH_MS)
      this.known = { at: performance.now(), waits: this.waits.bySource() };
    return this.known.waits;
  }
}

/** Fills a gauge when its metric is requested. */
export function collectWith(gauge: Gauge, collect: () => void | Promise<void>): void {
  Object.assign(gauge, { collect });
}

export const sourceMetricsProviders = [
  makeGaugeProvider({
    name: WAITING_RUNS,
    help: 'Runs of the whole factory that wait for a source that is unavailable',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: WAITING_REQUESTS,
    help: 'Requests that cannot be accepted because their source is unavailable',
    labelNames: ['source'],
  }),
  makeGaugeProvider({
    name: UNAVAILABLE,
    help: '1 while this process finds the source unavailable, by reason; refused needs an operator to act',
    labelNames: ['source', 'why'],
  }),
];
