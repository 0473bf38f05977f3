import { allConsumers, consumerOf, STREAMS } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf } from '@factory/domain';
import {
  connectLedger,
  EventLog,
  migrateLedger,
  Orphans,
  Requests,
  Runs,
  StageClaims,
  StageCommits,
} from '@factory/ledger';
import { connectBroker, factoryPlan, JetStreamPublisher, provision } from '@factory/messaging';
import { Announcer } from '@factory/stage';
import {
  freshDatabase,
  restartableServer,
  until,
  type FreshDatabase,
  type RestartableServer,
} from '@factory/testing';
import { jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { ConsumerPositions } from './consumer-positions';
import { RequestHistory } from './request-history';
import { Sweeper } from './sweeper';

const STREAM = STREAMS.runs.name;

describe('the sweeper', () => {
  let broker: RestartableServer;
  let connection: NatsConnection;
  let database: FreshDatabase;
  let dataSource: DataSource;
  let claims: StageClaims;
  let commits: StageCommits;
  let announcer: Announcer;
  let sweeper: Sweeper;
  let statements = 0;
  let looked: string[] = [];
  let told: string[] = [];
  let started = 0;

  beforeAll(async () => {
    [broker, database] = await Promise.all([restartableServer('broker'), freshDatabase()]);
    connection = await connectBroker({ url: broker.env['NATS_URL']!, name: 'spec' });
    await provision(connection, factoryPlan());
    dataSource = await connectLedger(database.url);
    await migrateLedger(dataSource);
    claims = new StageClaims(dataSource);
    commits = new StageCommits(dataSource, 'spec');
    announcer = new Announcer(new EventLog(dataSource), new JetStreamPublisher(connection));
    const orphans = new Orphans(dataSource);
    const tell = (_: object, text: string): void => void told.push(text);
    sweeper = new Sweeper({
      orphans: {
        alone: (work) => orphans.alone(work),
        ofConsumer: (position) => counted(orphans.ofConsumer(position)),
        announcements: () => counted(orphans.announcements()),
        deadlines: () => counted(orphans.deadlines()),
      },
      positions: new ConsumerPositions(connection),
      history: new RequestHistory(connection),
      announcer,
      commits,
      askToLook: (run) => looked.push(run),
      log: { info: tell, warn: tell, error: tell },
      everyMs: 30,
    });
  }, 60_000);

  beforeEach(async () => {
    for (const table of [
      'factory_request',
      'factory_request_run',
      'factory_run',
      'factory_stage',
      'factory_event',
    ])
      await dataSource.query(`DELETE FROM ${table}`);
    await (await jetstreamManager(connection)).streams.purge(STREAM);
    statements = 0;
    looked = [];
    told = [];
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await connection?.close();
    await Promise.all([broker?.dispose(), database?.dispose()]);
  }, 60_000);

  function counted<T>(statement: Promise<T>): Promise<T> {
    statements++;
    return statement;
  }

  /** Starts runs and publishes their events. @returns run ids */
  async function startRuns(
    count: number,
    { publish = true, deadlineSeconds = 1000 } = {},
  ): Promise<string[]> {
    const products = Array.from({ length: count }, () => ++started);
    const requestKey = `request-${started}`;
    const events = await new Requests(dataSource, 'spec').take({
      requestKey,
      payload: {},
      requestedBy: 'spec',
      reason: '',
      force: false,
      seed: null,
      until: null,
      runs: products.map((product) => ({
        source: 'main',
        product,
        goal: 'sale',
        policy: { ...DEFAULT_POLICY, deadlineSeconds },
        grid: 'quick',
        body: { end: '2023-04-01T00:00:00.000Z', grid: 'quick' },
      })),
    });
    if (publish) await announcer.announce(events);
    return products.map((product) => runIdOf(requestKey, { source: 'main', product, goal: 'sale' }));
  }

  const age = (): Promise<unknown> =>
    dataSource.query('UPDATE factory_event SET touched_at = touched_at - INTERVAL 1 HOUR');

  /** Takes a message of data-prep, as a worker does. */
  async function next(): Promise<JsMsg | null> {
    const consumer = await jetstream(connection).consumers.get(STREAM, consumerOf('data-prep').durable);
    return consumer.next({ expires: 1_000 });
  }

  it('does not touch queued or running work, with the same number of statements for many runs as for few', async () => {
    await startRuns(2);
    await age();
    expect(await sweeper.sweep()).toEqual({ reannounced: 0, announced: 0, pastDeadline: 0, trimmed: 0 });
    const few = statements;
    await startRuns(300);
    await age();
    const worked = await next();
    statements = 0;
    expect(await sweeper.sweep()).toEqual({ reannounced: 0, announced: 0, pastDeadline: 0, trimmed: 0 });
    expect(statements).toBe(few);
    expect(few).toBe(allConsumers().length - 1 + 2);
    worked?.ack();
  });

  it('announces again what was acknowledged although its work is open, under a new message id', async () => {
    const [run] = await startRuns(1);
    (await next())?.ack();
    await connection.flush();
    await age();
    await until(async () => (await sweeper.sweep())?.reannounced === 1, { what: 'the loss is seen' });
    const again = await next();
    expect(again?.headers?.get('Nats-Msg-Id')).toBe(`${run}/run.queued/0/1`);
    await age();
    expect(await sweeper.sweep()).toMatchObject({ reannounced: 0 });
    again?.ack();
  });

  it('announces what a killed worker committed but did not publish', async () => {
    const [run] = (await startRuns(1, { publish: false })) as [string];
    expect(await sweeper.sweep()).toMatchObject({ reannounced: 0 });
    await age();
    expect(await sweeper.sweep()).toMatchObject({ reannounced: 1 });
    expect((await next())?.json()).toMatchObject({ run });
    await commits.end(run, { outcome: 'kept', reason: 'worse' });
    await age();
    expect(await sweeper.sweep()).toMatchObject({ announced: 1 });
    const manager = await jetstreamManager(connection);
    const finished = await manager.streams.getMessage(STREAM, {
      last_by_subj: `factory.run.finished.main.${started}`,
    });
    expect(finished?.json()).toMatchObject({ run, outcome: 'kept' });
    await age();
    expect(await sweeper.sweep()).toEqual({ reannounced: 0, announced: 0, pastDeadline: 0, trimmed: 0 });
  });

  it('announces again events whose sequences a stream that lost its tail gave to other messages', async () => {
    const [run] = await startRuns(1);
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM);
    await manager.streams.deleteMessage(STREAM, state.last_seq);
    await startRuns(1, { publish: false });
    await dataSource.query('DELETE FROM factory_stage WHERE run_id <> ?', [run]);
    await age();
    expect(await sweeper.sweep()).toMatchObject({ reannounced: 1 });
    expect((await next())?.json()).toMatchObject({ run });
  });

  it('ends runs past their deadline, once, and notifies their workers', async () => {
    const [run] = (await startRuns(1, { deadlineSeconds: 10 })) as [string];
    const answer = await claims.claim({ run, stage: 'data-prep', shard: '0' }, 'spec');
    await dataSource.query('UPDATE factory_stage SET claimed_seconds = 11 WHERE run_id = ?', [run]);
    expect(await sweeper.sweep()).toMatchObject({ pastDeadline: 1 });
    expect(await new Runs(dataSource, 'spec').find(run)).toMatchObject({
      outcome: 'failed',
      reason: 'deadline-exceeded',
    });
    expect(looked).toEqual([run]);
    if (answer.kind !== 'claimed') throw new RangeError(answer.kind);
    expect(await claims.renew(answer.claim)).toBe(false);
    expect(await sweeper.sweep()).toMatchObject({ pastDeadline: 0 });
  });

  it('leaves a run alone whose deadline only a later release can read, and says so once', async () => {
    const [run] = (await startRuns(1)) as [string];
    await dataSource.query('UPDATE factory_run SET policy = \'{"deadlineSeconds": null}\'');
    await dataSource.query('UPDATE factory_stage SET claimed_seconds = 1000000');
    for (let sweep = 1; sweep <= 2; sweep++) expect(await sweeper.sweep()).toMatchObject({ pastDeadline: 0 });
    expect(told).toEqual([expect.stringMatching(/^left alone: .*deadlineSeconds/)]);
    expect(await new Runs(dataSource, 'spec').find(run)).toMatchObject({ outcome: null });
  });

  it('recovers from the loss of all data of the broker, once the streams are provisioned again', async () => {
    const runs = await startRuns(5);
    const [done, inHand] = runs as [string, string];
    const claim = await claims.claim({ run: done, stage: 'data-prep', shard: '0' }, 'spec');
    if (claim.kind !== 'claimed') throw new RangeError(claim.kind);
    await commits.complete(claim.claim, { output: {} }, 1);
    await claims.claim({ run: inHand, stage: 'data-prep', shard: '0' }, 'spec');
    await broker.kill();
    await broker.erase();
    await expect(sweeper.sweep()).rejects.toMatchObject({ code: 'broker-away' });
    await broker.start();
    await until(() => connection.rtt().then(() => true), {
      what: 'the connection is back',
      timeoutMs: 20_000,
    });
    expect(await sweeper.sweep()).toBeUndefined();
    expect(told.at(-1)).toContain('factory provision');

    await provision(connection, factoryPlan());
    await age();
    expect(await sweeper.sweep()).toMatchObject({ reannounced: 3 });
    const seen: string[] = [];
    for (let message = await next(); message; message = await next()) {
      seen.push(message.json<{ run: string }>().run);
      message.ack();
    }
    expect(seen.sort()).toEqual(runs.slice(2).sort());
  }, 60_000);

  it('runs periodically, reports a problem once, and stops on request', async () => {
    const away = new Sweeper({
      orphans: new Orphans(dataSource),
      history: new RequestHistory(connection),
      positions: { read: () => Promise.reject(new RangeError('no answer')) },
      announcer,
      commits,
      askToLook: () => undefined,
      log: { info: () => undefined, warn: () => undefined, error: (_, text) => void told.push(text) },
      everyMs: 5,
    });
    away.start();
    await until(() => told.length > 0, { what: 'the problem is told' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    await away.stop();
    expect(told).toEqual(['sweep failed: no answer']);

    await startRuns(1, { publish: false });
    await age();
    sweeper.start();
    const published = async (): Promise<boolean> =>
      (await dataSource.query('SELECT 1 FROM factory_event WHERE stream_sequence IS NOT NULL')).length === 1;
    await until(published, { what: 'the sweep has come round' });
    await sweeper.stop();
    expect(told).toContain('swept');
  });
});
