import { STREAMS, subjectOf } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf, type ModelKey } from '@factory/domain';
import {
  Champions,
  connectLedger,
  EventLog,
  inTransaction,
  migrateLedger,
  ModelStates,
  judgedCandidateOf,
  lockModelState,
  reopenForPromotion,
  setModelState,
  type ModelState,
  recordGather,
  replaceChampion,
  Requests,
  RunRecord,
  Runs,
  sqlOf,
  StageClaims,
  StageCommits,
  type StageResult,
} from '@factory/ledger';
import type { JetStreamMessage } from '@factory/messaging';
import type { Report } from '@factory/model';
import {
  championKey,
  S3ObjectStore,
  s3ConfigSchema,
  versionPrefix,
  type ObjectStore,
} from '@factory/object-store';
import { ChampionRepair, readChampionPointer } from '@factory/registry';
import { Announcer, StageRunner } from '@factory/stage';
import { freshBucketPrefix, freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { workHere } from './packing/spec-packing-work';
import { storeEvaluatedRun, window } from './packing/spec-promoted-run';
import { PublishModel } from './publish-model';
import { PublisherConsumer } from './publisher.consumer';

type Shard = '0' | 'again' | 'person-1';
interface Evaluation {
  readonly shard?: Shard;
  readonly decision?: Report['verdict']['decision'];
  readonly decisive?: string;
  readonly judgedEpoch?: number;
}

const fresh = freshBucketPrefix('publisher');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let database: FreshDatabase;
let dataSource: DataSource;
let champions: Champions;
let claims: StageClaims;
let commits: StageCommits;
/** Of the run at hand. */
let key: ModelKey;
let run: string;
let product = 0;
let told: { subject: string; body: unknown }[];

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  champions = new Champions(dataSource);
  claims = new StageClaims(dataSource);
  commits = new StageCommits(dataSource, 'spec');
});
afterAll(async () => {
  await dataSource?.destroy();
  store.close();
  await Promise.all([database?.dispose(), fresh.dispose()]);
});

/** A run of a product of its own whose trials are gathered. */
beforeEach(async () => {
  told = [];
  key = { source: 'main', product: ++product, goal: 'sale' };
  run = runIdOf(`request-${product}`, key);
  await new Requests(dataSource, 'spec').take({
    requestKey: `request-${product}`,
    payload: {},
    requestedBy: 'spec',
    reason: '',
    force: false,
    seed: null,
    until: null,
    runs: [
      {
        ...key,
        policy: DEFAULT_POLICY,
        grid: 'quick',
        body: { end: window.end, grid: 'quick' },
      },
    ],
  });
  const { pack } = await storeEvaluatedRun(store, key, run);
  const { dataset, samplingLedger, transform, candidate, profile } = pack;
  const counts = {
    population: { goals: 60, others: 2_400 },
    drawn: { goals: 60, others: 240 },
    f1: 1,
    f0: 0.1,
    outOfTime: { goals: 0, others: 0 },
  };
  const event = (name: 'data.prepared' | 'sample.drawn' | 'model.trained', body: object) => [
    { event: name, shard: '0', body: { ...body } },
  ];
  const trained = { trialsDone: 4, trialsFailed: 0, candidates: [candidate] };
  await did('data-prep', {
    output: { window },
    events: event('data.prepared', { window, checks: dataset }),
  });
  await did('sampling', {
    output: { dataset, ledger: samplingLedger, counts, profile },
    events: event('sample.drawn', { dataset, ledger: samplingLedger, counts }),
  });
  await did('trainer-plan', {
    output: { transform },
    events: event('model.trained', trained),
    record: (sql) => recordGather(sql, run, trained),
  });
});

async function did(stage: string, result: StageResult, shard: Shard = '0'): Promise<void> {
  const answer = await claims.claim({ run, stage, shard }, 'spec');
  if (answer.kind !== 'claimed') throw new RangeError(`${stage}/${shard} is ${answer.kind}`);
  await commits.complete(answer.claim, result, 1);
}

/** What the evaluator does; by default it promotes against no champion. */
async function evaluated({ shard = '0', judgedEpoch = 0, ...verdict }: Evaluation = {}): Promise<void> {
  const { decision = 'promote', decisive = 'no-champion' } = verdict;
  const { pack } = await storeEvaluatedRun(
    store,
    key,
    run,
    { decision, decisive },
    shard === 'again' ? shard : '0',
  );
  const { report, scores, candidate } = pack;
  const body = { verdict: decision, report, scores, candidate, judgedEpoch };
  const output = { ...body, verdict: { decision, decisive }, decision };
  await did('evaluator', { output, events: [{ event: 'model.evaluated', shard, body }] }, shard);
}

/** Delivers `model.evaluated` to a publisher. @param on the store as it sees it */
async function publish(shard: Shard = '0', on: ObjectStore = store) {
  const runner = new StageRunner(
    claims,
    commits,
    new Announcer(new EventLog(dataSource), {
      publish: (subject, body) => {
        told.push({ subject, body });
        return Promise.resolve({ stream: STREAMS.runs.name, sequence: told.length, duplicate: false });
      },
      streamCreated: () => Promise.resolve('spec'),
    }),
    {
      owner: 'spec',
      observer: { started: () => () => undefined, within: (_, work) => work(), tell: () => undefined },
      onControl: () => () => undefined,
    },
  );
  const consumer = new PublisherConsumer(
    runner,
    new PublishModel({
      store: on,
      champions,
      states: new ModelStates(dataSource),
      record: new RunRecord(dataSource),
      repair: new ChampionRepair(on, champions),
      packing: workHere,
      codeVersion: 'spec',
    }),
  );
  const [row] = await sqlOf(dataSource).rows(
    "SELECT input FROM factory_stage WHERE run_id = ? AND stage = 'publisher' AND shard = ?",
    [run, shard],
  );
  const message: JetStreamMessage = {
    data: new TextEncoder().encode(String(row?.['input'])),
    subject: subjectOf('model.evaluated', key),
    headers: {},
    stream: STREAMS.runs.name,
    consumer: 'publisher',
    streamSequence: 1,
    streamCreated: 'spec',
    storedAt: new Date(0),
    deliveryCount: 1,
    redelivered: false,
    signal: new AbortController().signal,
    working: () => undefined,
  };
  return consumer.publish(message);
}

/** Another run, or a rollback, changes the champion. */
async function changeChampion(version: string, judgedEpoch: number): Promise<void> {
  const next = {
    ...key,
    version,
    location: `s3://bucket/${version}/`,
    manifestSha256: 'a'.repeat(64),
    run: '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111',
    metrics: {},
  };
  await inTransaction(dataSource, (sql) => replaceChampion(sql, next, judgedEpoch));
}

/** The store, on which the champion changes once a version is there complete. */
function changingAfterUpload(version: string, judgedEpoch: number): ObjectStore {
  return Object.assign(Object.create(store) as ObjectStore, {
    put: async (...given: Parameters<ObjectStore['put']>) => {
      await store.put(...given);
      if (given[0].endsWith('/manifest.json')) await changeChampion(version, judgedEpoch);
    },
  });
}

const ended = () => new Runs(dataSource, 'spec').find(run);
const versionsThere = async (): Promise<string[]> => {
  const files = await store.list(versionPrefix(key, '').replace(/\/$/, ''));
  return [...new Set(files.flatMap(({ key: file }) => /\/(\d{8}T[^/]+)\//.exec(file)?.[1] ?? []))];
};
const subjects = () => told.map(({ subject }) => subject);
const suffix = () => `main.${key.product}`;

describe('a promoted run', () => {
  it('is published: version on the store, champion in the database, pointer, announcements', async () => {
    await evaluated();
    expect(await publish()).toEqual({ kind: 'done' });
    const champion = (await champions.find(key))!;
    expect(champion).toMatchObject({ version: '20230401T030000-' + run.slice(0, 8), epoch: 1, run });
    expect(await versionsThere()).toEqual([champion.version]);
    expect(await readChampionPointer(store, championKey(key))).toMatchObject({
      version: champion.version,
      manifestSha256: champion.manifestSha256,
      location: store.locate(versionPrefix(key, champion.version)),
      epoch: 1,
    });
    expect(subjects()).toEqual([`factory.model.published.${suffix()}`, `factory.run.finished.${suffix()}`]);
    expect(await ended()).toMatchObject({ outcome: 'published' });
  });

  it('is published once however often it is delivered, and a lost pointer is rewritten', async () => {
    await evaluated();
    await publish();
    await store.delete(championKey(key));
    expect(await publish()).toEqual({ kind: 'repeated' });
    expect(await champions.find(key)).toMatchObject({ epoch: 1 });
    expect(await readChampionPointer(store, championKey(key))).toMatchObject({ epoch: 1 });
    expect(subjects().filter((one) => one.startsWith('factory.model.published'))).toHaveLength(1);
    expect(subjects().filter((one) => one.startsWith('factory.run.finished'))).toHaveLength(1);
  });
});

describe('a promoted run beside a champion.json of a later release', () => {
  const later = (epoch: number): Promise<void> =>
    store.put(championKey(key), `{"schemaVersion":3,"epoch":${epoch}}`, { contentType: 'application/json' });

  it('is released, and its message waits for a publisher that can write the pointer', async () => {
    await evaluated();
    await later(0);
    expect(await publish()).toMatchObject({ kind: 'newer', error: { code: 'newer-version' } });
    expect(await champions.find(key)).toMatchObject({ run, epoch: 1 });
    expect(await publish()).toMatchObject({ kind: 'newer' });
    expect(JSON.parse(String(await store.get(championKey(key), 'document')))).toEqual({
      schemaVersion: 3,
      epoch: 0,
    });
    expect(subjects()).toEqual([]);
    await later(1);
    expect(await publish()).toEqual({ kind: 'repeated' });
    expect(subjects().filter((one) => one.startsWith('factory.model.published'))).toHaveLength(1);
  });
});

describe.each<[string, (version: string, judgedEpoch: number) => Promise<ObjectStore>]>([
  [
    'before the publisher started',
    async (version, epoch) => {
      await changeChampion(version, epoch);
      return store;
    },
  ],
  ['between upload and release', (version, epoch) => Promise.resolve(changingAfterUpload(version, epoch))],
])('a run whose champion changed %s', (_when, meanwhile) => {
  it('is evaluated once more against the new champion, and leaves no version', async () => {
    await evaluated();
    expect(await publish('0', await meanwhile('other', 0))).toEqual({ kind: 'done' });
    expect(await champions.find(key)).toMatchObject({ version: 'other', epoch: 1 });
    expect(await versionsThere()).toEqual([]);
    expect(subjects()).toEqual([`factory.model.trained.${suffix()}`]);
    const gathered = await new RunRecord(dataSource).gathered(run);
    expect(told[0]?.body).toMatchObject({ run, shard: 'again', ...gathered });
    expect(await ended()).toMatchObject({ outcome: null, stage: 'evaluator' });
  });

  it('is kept the second time, reason superseded, and leaves no version', async () => {
    await evaluated();
    await publish('0', await meanwhile('other', 0));
    await evaluated({ shard: 'again', decisive: 'better', judgedEpoch: 1 });
    expect(await publish('again', await meanwhile('third', 1))).toEqual({ kind: 'done' });
    expect(await ended()).toMatchObject({ outcome: 'kept', reason: 'superseded' });
    expect(await champions.find(key)).toMatchObject({ version: 'third', epoch: 2 });
    expect(await versionsThere()).toEqual([]);
    expect(subjects()).toEqual([`factory.model.trained.${suffix()}`, `factory.run.finished.${suffix()}`]);
    expect(await readChampionPointer(store, championKey(key))).toMatchObject({ version: 'third', epoch: 2 });
  });

  it('is published when it beats the new champion too', async () => {
    await evaluated();
    await publish('0', await meanwhile('other', 0));
    await evaluated({ shard: 'again', decisive: 'better', judgedEpoch: 1 });
    await publish('again');
    const champion = (await champions.find(key))!;
    expect(champion).toMatchObject({ run, epoch: 2, previousVersion: 'other' });
    expect(await versionsThere()).toEqual([champion.version]);
    expect(await ended()).toMatchObject({ outcome: 'published' });
  });
});

describe('a version that may not be released', () => {
  /** The store of a publisher that dies when it takes a version back. */
  const dyingAtDelete = (on: ObjectStore): ObjectStore =>
    Object.assign(Object.create(on) as ObjectStore, {
      delete: () => Promise.reject(new RangeError('died')),
    });

  it('is withdrawn after the commit, also by the process that gets the redelivered message', async () => {
    await evaluated();
    await publish('0', dyingAtDelete(changingAfterUpload('other', 0))).catch(() => undefined);
    expect(await versionsThere()).toHaveLength(1);
    expect(await publish()).toEqual({ kind: 'repeated' });
    expect(await versionsThere()).toEqual([]);
  });

  it('is not withdrawn by a transaction that the database rolls back and that is retried', async () => {
    await evaluated();
    const release = dataSource.transaction.bind(dataSource) as DataSource['transaction'];
    let undone = 0;
    // The first try sees a champion that is gone again at the second, as a deadlock's victim may.
    const spy = jest.spyOn(dataSource, 'transaction').mockImplementation((async (...given: unknown[]) => {
      const work = given.at(-1) as (manager: unknown) => Promise<unknown>;
      const level = 'READ COMMITTED' as const;
      const stages = await sqlOf(dataSource).rows(
        "SELECT 1 FROM factory_stage WHERE run_id = ? AND stage = 'publisher' AND status = 'leased'",
        [run],
      );
      if (undone > 0 || stages.length === 0 || (await versionsThere()).length === 0)
        return release(level, work);
      undone++;
      await changeChampion('passing', 0);
      await release(level, async (manager) => {
        await work(manager);
        throw Object.assign(new Error('Deadlock found'), { errno: 1213, code: 'ER_LOCK_DEADLOCK' });
      }).catch(async (error: unknown) => {
        await sqlOf(dataSource).change('DELETE FROM attrib_propensity_model WHERE product = ?', [
          key.product,
        ]);
        throw error;
      });
    }) as never);
    try {
      expect(await publish()).toEqual({ kind: 'done' });
    } finally {
      spy.mockRestore();
    }
    expect(undone).toBe(1);
    const champion = (await champions.find(key))!;
    expect(champion.run).toBe(run);
    expect(await versionsThere()).toEqual([champion.version]);
  });
});

describe('a run that is not promoted', () => {
  test.each<[Evaluation['decision'], string, string]>([
    ['keep', 'worse', 'kept'],
    ['reject', 'finite-scores', 'rejected'],
    ['reject', 'goals-to-judge-by', 'rejected'],
  ])('%s for %s: ends as the evaluator says', async (decision, decisive, outcome) => {
    await evaluated({ decision, decisive });
    expect(await publish()).toEqual({ kind: 'done' });
    expect(await ended()).toMatchObject({ outcome, reason: decisive });
    expect(subjects()).toEqual([`factory.run.finished.${suffix()}`]);
    expect(await champions.find(key)).toBeUndefined();
    expect(await versionsThere()).toEqual([]);
  });

  it('on its second evaluation says that it was superseded first', async () => {
    await changeChampion('other', 0);
    await evaluated();
    await publish();
    await evaluated({ shard: 'again', decision: 'keep', decisive: 'worse', judgedEpoch: 1 });
    await publish('again');
    expect(await ended()).toMatchObject({ outcome: 'kept', reason: 'superseded, then worse' });
  });
});

describe('a run that a person promotes', () => {
  const who = { who: 'ann', reason: 'the longer history is wanted' };
  /** What `factory promote` does. */
  const promoteOver = (epoch: number) =>
    inTransaction(dataSource, async (sql) => {
      const judged = await judgedCandidateOf(sql, run);
      return reopenForPromotion(sql, run, judged!, epoch, who);
    });
  const kept = async (): Promise<void> => {
    await evaluated({ decision: 'keep', decisive: 'older-than-champion' });
    await publish();
    told = [];
  };

  it('is published like any other, and says in ledger and bundle who wanted it', async () => {
    await changeChampion('other', 0);
    await kept();
    await promoteOver(1);
    expect(await publish('person-1')).toEqual({ kind: 'done' });
    expect(await publish('person-1')).toEqual({ kind: 'repeated' });
    const champion = (await champions.find(key))!;
    const version = `20230401T030000-${run.slice(0, 8)}-person-1`;
    expect(champion).toMatchObject({ version, run, epoch: 2, previousVersion: 'other' });
    expect(await readChampionPointer(store, championKey(key))).toMatchObject({ version, epoch: 2 });
    expect(await ended()).toMatchObject({
      outcome: 'published',
      reason: expect.stringContaining(
        'promoted by ann (the longer history is wanted); the verdict was keep, older-than-champion',
      ) as string,
    });
    const report = JSON.parse(
      String(await store.get(`${versionPrefix(key, version)}report.json`, 'document')),
    ) as Report;
    expect(report.verdict).toMatchObject({
      decision: 'promote',
      decisive: 'by-person',
      promotedBy: { ...who, verdict: 'keep' },
    });
    expect(subjects().filter((one) => one.startsWith('factory.model.published'))).toHaveLength(1);
  });

  it('whose champion changes meanwhile ends as kept, without another evaluation', async () => {
    await changeChampion('other', 0);
    await kept();
    await promoteOver(1);
    await publish('person-1', changingAfterUpload('third', 1));
    expect(await ended()).toMatchObject({ outcome: 'kept', reason: 'superseded' });
    expect(await versionsThere()).toEqual([]);
    expect(await champions.find(key)).toMatchObject({ version: 'third' });
  });
});

describe('a promoted run of a product that a person has', () => {
  const decide = (state: ModelState['state']) =>
    inTransaction(dataSource, async (sql) => {
      await lockModelState(sql, key);
      await setModelState(sql, key, { state, until: null }, { who: 'ann', reason: 'no change now' });
    });
  /** The store of a publisher that somebody overrules once the version is there complete. */
  const decidingAfterUpload = (state: ModelState['state']): ObjectStore =>
    Object.assign(Object.create(store) as ObjectStore, {
      put: async (...given: Parameters<ObjectStore['put']>) => {
        await store.put(...given);
        if (given[0].endsWith('/manifest.json')) await decide(state);
      },
    });

  it.each([
    ['held', 'kept', 'held', 'before'],
    ['held', 'kept', 'held', 'after the upload'],
    ['retired', 'skipped', 'retired', 'before'],
    ['retired', 'skipped', 'retired', 'after the upload'],
  ] as const)('%s ends %s, reason %s: %s', async (state, outcome, reason, when) => {
    await evaluated();
    if (when === 'before') await decide(state);
    expect(await publish('0', when === 'before' ? store : decidingAfterUpload(state))).toEqual({
      kind: 'done',
    });
    expect(await ended()).toMatchObject({
      outcome,
      reason,
      details: { message: expect.stringContaining('no change now') as string },
    });
    expect(await champions.find(key)).toBeUndefined();
    expect(await versionsThere()).toEqual([]);
  });

  it('retired ends skipped whatever the verdict', async () => {
    await evaluated({ decision: 'keep', decisive: 'worse' });
    await decide('retired');
    await publish();
    expect(await ended()).toMatchObject({ outcome: 'skipped', reason: 'retired' });
  });
});
