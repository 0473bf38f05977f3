import type { EventBody } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf, type ModelKey } from '@factory/domain';
import {
  Requests,
  StageClaims,
  StageCommits,
  connectLedger,
  migrateLedger,
  type Claim,
  type FailureResult,
  type ResolvedRequest,
  type StageResult,
  type StoredEvent,
} from '@factory/ledger';
import { freshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import type { Announce, FleetAccess } from './fleet-access';

export const artefact = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };
export const change = { who: 'ann', reason: 'drift' };

export const window: EventBody<'data.prepared'>['window'] = {
  start: '2023-02-01T00:00:00.000Z',
  trainEnd: '2023-03-25T00:00:00.000Z',
  end: '2023-04-01T00:00:00.000Z',
  days: 52,
  sales: 11_000,
};

/** What data-prep leaves, with which sampling is asked for. */
export const prepared: StageResult = {
  output: { window, candidates: [{ start: window.start, days: 52, sales: 11_000 }], checks: artefact },
  events: [{ event: 'data.prepared', shard: '0', body: { window, checks: artefact } }],
};

/** A ledger on a real server, what services do to it, and what actions announce. */
export class SpecFleet implements FleetAccess {
  readonly codeVersion = 'spec';
  readonly announced: StoredEvent[] = [];
  readonly stopped: string[] = [];
  readonly announce: Announce = (events, stopped = []) => {
    this.announced.push(...events);
    this.stopped.push(...stopped);
    return Promise.resolve();
  };
  private products = 0;

  private constructor(
    readonly ledger: DataSource,
    private readonly dispose: () => Promise<void>,
  ) {}

  static async open(): Promise<SpecFleet> {
    const database = await freshDatabase();
    const ledger = await connectLedger(database.url);
    await migrateLedger(ledger);
    return new SpecFleet(ledger, () => database.dispose());
  }

  async close(): Promise<void> {
    await this.ledger.destroy();
    await this.dispose();
  }

  /** A product that nothing else here has. */
  newKey(source = 'main'): ModelKey {
    return { source, product: ++this.products, goal: 'sale' };
  }

  /** Takes a request as data-prep would. @returns the ids of its runs, in the order of the keys */
  async take(
    requestKey: string,
    keys: readonly ModelKey[],
    given: Partial<ResolvedRequest> = {},
  ): Promise<string[]> {
    const body = { end: '2023-04-01T00:00:00.000Z', grid: 'quick' };
    await new Requests(this.ledger, 'spec').take({
      requestKey,
      payload: {},
      requestedBy: 'spec',
      reason: '',
      force: false,
      seed: null,
      until: null,
      runs: keys.map((key) => ({ ...key, policy: DEFAULT_POLICY, grid: 'quick', body })),
      ...given,
    });
    return keys.map((key) => runIdOf(requestKey, key));
  }

  /** Starts the run of a product of its own. @returns its id */
  async startRun(requestKey: string, key = this.newKey()): Promise<string> {
    const [run = ''] = await this.take(requestKey, [key]);
    return run;
  }

  async claimed(run: string, stage: string): Promise<Claim> {
    const answer = await new StageClaims(this.ledger).claim({ run, stage, shard: '0' }, 'worker-1');
    if (answer.kind !== 'claimed') throw new RangeError(`${stage} is ${answer.kind}`);
    return answer.claim;
  }

  /** Claims and completes work. */
  async did(run: string, stage: string, result: StageResult): Promise<void> {
    await new StageCommits(this.ledger, 'spec').complete(await this.claimed(run, stage), result, 5);
  }

  /** Claims work that fails. */
  async failed(run: string, stage: string, error: unknown): Promise<FailureResult> {
    return new StageCommits(this.ledger, 'spec').fail(await this.claimed(run, stage), error);
  }

  async end(run: string, outcome: 'kept' | 'skipped', reason: string): Promise<void> {
    await new StageCommits(this.ledger, 'spec').end(run, { outcome, reason });
  }
}
