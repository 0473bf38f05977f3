import type { EventBody, EventName } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf, type Policy } from '@factory/domain';
import { freshDatabase, type FreshDatabase } from '@factory/testing';
import { DataSource, type Logger } from 'typeorm';
import { ledgerDataSourceOptions, migrateLedger } from './database/data-source';
import { sqlOf, type Row, type SqlValue } from './database/transaction';
import type { EventDraft } from './events/event-drafts';
import { EventLog } from './events/event-log';
import { Orphans } from './events/orphans';
import { Requests, type ResolvedRequest } from './requests/requests';
import { Runs } from './runs/runs';
import { StageClaims, type Claim } from './stages/stage-claims';
import { StageCommits, type StageResult } from './stages/stage-commits';
import type { TrialRow } from './trials/trials';

/** The default of MySQL 8: what it would refuse is refused by MariaDB too. */
const SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

const artefact = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };
const counts = {
  population: { goals: 10, others: 90 },
  drawn: { goals: 10, others: 80 },
  f1: 1,
  f0: 0.9,
  outOfTime: { goals: 0, others: 0 },
};
export const candidate = { trial: 1, weights: artefact, naturalValidationLogLoss: 0.1, parameters: 10 };
const settings = {
  node1: 8,
  node2: 4,
  dropout1: 0.2,
  dropout2: 0.2,
  optimizer: 'adam' as const,
  learningRate: 0.001,
  lrAnnealing: 0.1,
  batchSize: 256,
  epochs: 5,
};

/** A trial without figures except its natural validation log-loss. */
export function trialRow(trial: number, status: TrialRow['status'], loss: number): TrialRow {
  return {
    trial,
    family: 'network',
    settings,
    status,
    epochsRun: null,
    rateDrops: null,
    trainLoss: null,
    trainAccuracy: null,
    validationLoss: null,
    validationAccuracy: null,
    testLoss: null,
    testAccuracy: null,
    testPrecision: null,
    testRecall: null,
    naturalValidationLogLoss: loss,
    naturalTestLogLoss: null,
    rocAuc: null,
    prAuc: null,
    parameters: null,
    seconds: null,
    rowsPerSecond: null,
    engine: null,
    error: null,
  };
}

type HeaderField = 'v' | 'run' | 'source' | 'product' | 'goal' | 'shard';

/** The smallest body of each event that its consumers accept. */
export const LEAST_BODIES: { readonly [N in EventName]: Omit<EventBody<N>, HeaderField> } = {
  'run.queued': { end: '2023-04-01T00:00:00.000Z', grid: 'quick' },
  'data.prepared': {
    window: {
      start: '2023-01-01T00:00:00.000Z',
      trainEnd: '2023-03-01T00:00:00.000Z',
      end: '2023-03-08T00:00:00.000Z',
      days: 59,
      sales: 600,
    },
    checks: artefact,
  },
  'sample.drawn': { dataset: artefact, ledger: artefact, counts },
  'trials.queued': {
    pool: 'default',
    dataset: artefact,
    transform: artefact,
    matrix: { rows: 100, width: 12 },
    seed: 's',
    f1: 1,
    f0: 0.9,
    combinations: [{ trial: 1, ...settings }],
  },
  'model.trained': { trialsDone: 1, trialsFailed: 0, candidates: [candidate] },
  'model.evaluated': { verdict: 'promote', report: artefact, scores: artefact, candidate, judgedEpoch: 0 },
  'model.retired': { version: 'v1', epoch: 2, reason: 'sold no more' },
  'model.published': { version: 'v1', location: 'models/x', manifestSha256: 'b'.repeat(64), epoch: 1 },
  'run.finished': { outcome: 'published', reason: 'first', seconds: 1 },
};

/** A draft that its consumers accept. */
export function draft(event: EventName, shard = '0'): EventDraft {
  return { event, shard, body: LEAST_BODIES[event] };
}

/** The result of a stage that did its work. */
export function result(...events: readonly EventDraft[]): StageResult {
  return { output: { by: 'spec' }, events };
}

/** A request for some products of source `main`. */
export function request(
  requestKey: string,
  products: readonly number[],
  given: Partial<ResolvedRequest> & { readonly policy?: Partial<Policy> } = {},
): ResolvedRequest {
  const policy = { ...DEFAULT_POLICY, ...given.policy };
  return {
    requestKey,
    payload: { productId: 0 },
    requestedBy: 'spec',
    reason: '',
    force: false,
    seed: null,
    until: null,
    runs: products.map((product) => ({
      source: 'main',
      product,
      goal: 'sale',
      policy,
      grid: 'quick',
      body: LEAST_BODIES['run.queued'],
    })),
    ...given,
  };
}

/** The id of a request's run for a product. */
export function runOf(requestKey: string, product: number): string {
  return runIdOf(requestKey, { source: 'main', product, goal: 'sale' });
}

/** A migrated ledger on a real server, in MySQL 8's mode, that counts its statements. */
export class SpecLedger {
  readonly claims: StageClaims;
  readonly commits: StageCommits;
  readonly requests: Requests;
  readonly runs: Runs;
  readonly log: EventLog;
  readonly orphans: Orphans;
  statements = 0;
  /** Above the products that specs use explicitly. */
  private started = 1_000_000;

  private constructor(
    readonly dataSource: DataSource,
    private readonly database: Pick<FreshDatabase, 'dispose'>,
  ) {
    this.claims = new StageClaims(dataSource);
    this.commits = new StageCommits(dataSource, 'spec');
    this.requests = new Requests(dataSource, 'spec');
    this.runs = new Runs(dataSource, 'spec');
    this.log = new EventLog(dataSource);
    this.orphans = new Orphans(dataSource);
  }

  /** Opens a ledger over an empty database, by default a separate one on the shared server. */
  static async open(given?: Pick<FreshDatabase, 'url' | 'dispose'>): Promise<SpecLedger> {
    const database = given ?? (await freshDatabase());
    const counted: { ledger?: SpecLedger } = {};
    const nothing = (): void => undefined;
    const logger: Logger = {
      logQuery: () => {
        if (counted.ledger) counted.ledger.statements++;
      },
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    };
    const dataSource = new DataSource({
      ...ledgerDataSourceOptions(database.url),
      logging: ['query'],
      logger,
    });
    await dataSource.initialize();
    const { pool } = dataSource.driver as unknown as {
      pool: { on(event: string, with_: (c: { query(text: string): void }) => void): void };
    };
    pool.on('connection', (connection) => connection.query(`SET SESSION sql_mode = '${SQL_MODE}'`));
    await migrateLedger(dataSource);
    return (counted.ledger = new SpecLedger(dataSource, database));
  }

  /** Starts a run of a product that no other run of this ledger has. @returns its id */
  async startRun(policy: Partial<Policy> = {}): Promise<string> {
    const product = ++this.started;
    const requestKey = `r${product}`;
    await this.requests.take(request(requestKey, [product], { policy }));
    return runOf(requestKey, product);
  }

  /** Claims work that must be free. */
  async claimed(run: string, stage = 'data-prep', shard = '0', owner = 'spec'): Promise<Claim> {
    const answer = await this.claims.claim({ run, stage, shard }, owner);
    if (answer.kind === 'claimed') return answer.claim;
    throw new RangeError(`expected to claim ${stage}/${shard}, got ${answer.kind}`);
  }

  /** Claims and completes work. */
  async did(run: string, stage: string, done: StageResult, shard = '0'): Promise<Claim> {
    const claim = await this.claimed(run, stage, shard);
    await this.commits.complete(claim, done, 1);
    return claim;
  }

  /** Expires a lease now. */
  async expire({ run, stage, shard }: Pick<Claim, 'run' | 'stage' | 'shard'>): Promise<void> {
    await this.change(
      `UPDATE factory_stage SET lease_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
        WHERE run_id = ? AND stage = ? AND shard = ?`,
      [run, stage, shard],
    );
  }

  /** Makes all events look an hour old, so that the grace period does not protect them. */
  async ageEvents(): Promise<void> {
    await this.change('UPDATE factory_event SET touched_at = touched_at - INTERVAL 1 HOUR', []);
  }

  async stage(run: string, stage: string, shard = '0'): Promise<Row> {
    const [row] = await this.rows(
      'SELECT * FROM factory_stage WHERE run_id = ? AND stage = ? AND shard = ?',
      [run, stage, shard],
    );
    return row ?? {};
  }

  /** `event/shard/generation` of all events of a run, in order. */
  async events(run: string): Promise<string[]> {
    const rows = await this.rows(
      "SELECT CONCAT(event, '/', shard, '/', generation) AS name FROM factory_event WHERE run_id = ? ORDER BY 1",
      [run],
    );
    return rows.map((row) => String(row['name']));
  }

  rows(text: string, parameters: readonly SqlValue[] = []): Promise<Row[]> {
    return sqlOf(this.dataSource).rows(text, parameters);
  }

  change(text: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return sqlOf(this.dataSource).change(text, parameters);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.database.dispose();
  }
}
