import type { ArtefactRef } from '@factory/contracts';
import { encodeDataset } from '@factory/dataset';
import { DEFAULT_POLICY, runIdOf, type Column, type Dataset } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import { DEFAULT_RULES } from '@factory/judgement';
import {
  connectLedger,
  migrateLedger,
  Requests,
  RunRecord,
  StageClaims,
  StageCommits,
  type Claim,
  type StageResult,
} from '@factory/ledger';
import { decodeModel } from '@factory/model';
import { parseTransform } from '@factory/normalisation';
import { getVerified, putVerified, S3ObjectStore, s3ConfigSchema } from '@factory/object-store';
import type { StageWork } from '@factory/stage';
import { freshBucketPrefix, freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { DatasetMemory } from './dataset-memory';
import { PlanRun } from './plan-run';
import { QueueGroups } from './queue-groups';
import { workHere } from './spec-dataset-work';

const ROWS = 900;
const rows = Array.from({ length: ROWS }, (_, row) => row);
const datasetOf = (label: (row: number) => number): Dataset => ({
  rows: ROWS,
  features: [
    { kind: 'number', name: 'x', values: Float32Array.from(rows, (row) => (row * 7) % 31) },
    {
      kind: 'category',
      name: 'page',
      codes: Int32Array.from(rows, (row) => (row % 6) - 1),
      levels: [...'abcde'],
    },
  ],
  visitIds: rows.map((row) => `v${row}`),
  visitorIds: rows.map((row) => `w${row}`),
  visitTimes: new Float64Array(ROWS),
  labels: Uint8Array.from(rows, label),
  marks: Uint8Array.from(rows, (row) => row % 3),
  weights: new Float64Array(ROWS).fill(1),
});
const counts = {
  population: { goals: 100, others: 8_000 },
  drawn: { goals: 100, others: 800 },
  f1: 1,
  f0: 0.1,
  outOfTime: { goals: 0, others: 0 },
};
const window = {
  ...{ start: '2023-01-01T00:00:00.000Z', trainEnd: '2023-03-25T00:00:00.000Z' },
  ...{ end: '2023-04-01T00:00:00.000Z', days: 83, sales: 100 },
};

const fresh = freshBucketPrefix('queue-groups');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let database: FreshDatabase;
let dataSource: DataSource;
let claims: StageClaims;
let commits: StageCommits;
let product = 0;
const planning = new QueueGroups(
  store,
  new PlanRun(store, workHere, new DatasetMemory(10_000_000)),
  DEFAULT_RULES,
);

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  claims = new StageClaims(dataSource);
  commits = new StageCommits(dataSource, 'spec');
});
afterAll(async () => {
  await dataSource?.destroy();
  store.close();
  await Promise.all([database?.dispose(), fresh.dispose()]);
});

/** A run whose sample is drawn, ready to be planned. */
async function drawn(dataset: Dataset, tables: readonly string[] = []): Promise<Claim> {
  const key = { source: 'main', product: ++product, goal: 'sale' };
  const requestKey = `request-${product}`;
  const body = { end: window.end, grid: 'quick' };
  await new Requests(dataSource, 'spec').take({
    ...{ requestKey, payload: {}, requestedBy: 'spec', reason: '', force: false, seed: null, until: null },
    runs: [{ ...key, policy: DEFAULT_POLICY, grid: 'quick', body }],
  });
  const run = runIdOf(requestKey, key);
  const file = await putVerified(store, `runs/${run}/dataset.arrow`, encodeDataset(dataset), {
    contentType: 'x/y',
  });
  const checks = file;
  const described = {
    columns: dataset.features.map(({ name, kind }, at) => ({
      ...{ name, kind },
      ...(tables[at] === undefined ? {} : { table: tables[at] }),
    })),
    featureMoment: { cut: null, tables: [{ table: 'invoices', covers: 'whole-visit' }] },
  };
  const ledger = await putVerified(store, `runs/${run}/dataset.json`, JSON.stringify(described), {
    contentType: 'application/json',
  });
  await did(run, 'data-prep', {
    output: { window },
    events: [{ event: 'data.prepared', shard: '0', body: { window, checks } }],
  });
  const sample = { dataset: file, ledger, counts };
  await did(run, 'sampling', {
    output: sample,
    events: [{ event: 'sample.drawn', shard: '0', body: sample }],
  });
  return claimed(run, 'trainer-plan');
}

async function claimed(run: string, stage: string): Promise<Claim> {
  const answer = await claims.claim({ run, stage, shard: '0' }, 'spec');
  if (answer.kind !== 'claimed') throw new RangeError(`${stage} is ${answer.kind}`);
  return answer.claim;
}

async function did(run: string, stage: string, result: StageResult): Promise<void> {
  await commits.complete(await claimed(run, stage), result, 1);
}

const plan = (claim: Claim) =>
  planning.execute({
    input: claim.input as StageWork<'trainer-plan'>['input'],
    claim,
    policy: DEFAULT_POLICY,
    seed: undefined,
    signal: new AbortController().signal,
    tell: () => undefined,
  });

describe('the plan of a run', () => {
  it('leaves transform and logistic regression for the stages behind it', async () => {
    const claim = await drawn(datasetOf((row) => Number(row % 9 === 0 || (row * 7) % 31 > 28)));
    const result = await plan(claim);
    expect(result.output).toMatchObject({
      logistic: { key: expect.stringMatching(/trainer-plan\/0\/1\/logistic\.json$/) as string },
      logisticFit: { rows: ROWS / 3, converged: true },
    });
    await commits.complete(claim, result, 1);
    const { transform, logistic } = await new RunRecord(dataSource).forEvaluation(claim.run);
    const { outputs } = parseTransform(JSON.parse((await getVerified(store, transform)).toString()));
    const model = decodeModel('logistic', await getVerified(store, logistic!));
    expect(model.inputs).toBe(outputs.length);
    expect(model.shifted(-1).logit(new Float32Array(outputs.length))).toBeCloseTo(
      model.logit(new Float32Array(outputs.length)) - 1,
      12,
    );
  });

  it('is the same files when a claim is worked on again', async () => {
    const claim = await drawn(datasetOf((row) => Number(row % 5 === 0)));
    const filesOf = ({ output }: StageResult) => {
      const { transform, logistic } = output as { transform: ArtefactRef; logistic: ArtefactRef };
      return [transform, logistic].map(({ sha256 }) => sha256);
    };
    const [once, again] = [await plan(claim), await plan({ ...claim, token: claim.token + 1 })];
    expect(filesOf(again)).toEqual(filesOf(once));
  });

  it('goes on without the logistic regression if the train rows hold one class', async () => {
    const claim = await drawn(datasetOf(() => 0));
    const result = await plan(claim);
    expect(result.output).toMatchObject({ logisticFit: { converged: false, reason: 'one-class' } });
    expect(result.output).not.toHaveProperty('logistic');
    await commits.complete(claim, result, 1);
    const found = await new RunRecord(dataSource).forEvaluation(claim.run);
    expect(found.logistic).toBeUndefined();
    expect(result.events).not.toEqual([]);
  });

  describe('of a sample with a table that gives the goal away', () => {
    const TABLES = ['pages', 'invoices', 'invoices'];
    const LEAKY = 3000;
    const random = new SeededRandom(1, 'leaky');
    const labels = Uint8Array.from({ length: LEAKY }, (_, row) => Number(row % 9 === 0));
    const column = (name: string, value: (label: number) => number): Column => ({
      kind: 'number',
      name,
      values: Float32Array.from(labels, value),
    });
    const halves = Float32Array.from(labels, () => 2 * random.normal());
    const leaky: Dataset = {
      rows: LEAKY,
      features: [
        column('views', (label) => 0.5 * label + random.normal()),
        { kind: 'number', name: 'net', values: halves },
        {
          kind: 'number',
          name: 'gross',
          values: halves.map((half, row) => 3 * labels[row]! - half + 0.3 * random.normal()),
        },
      ],
      visitIds: Array.from(labels, (_, row) => `v${row}`),
      visitorIds: Array.from(labels, (_, row) => `w${row}`),
      visitTimes: new Float64Array(LEAKY),
      labels,
      marks: Uint8Array.from(labels, (_, row) => Math.floor(row / 9) % 3),
      weights: new Float64Array(LEAKY).fill(1),
    };

    it('is rejected before anything is trained, and names the table', async () => {
      const claim = await drawn(leaky, TABLES);
      const result = await plan(claim);
      expect(result).toMatchObject({ end: { outcome: 'rejected', reason: 'leak-table' } });
      expect(result.events ?? []).toEqual([]);
      const { findings } = result.output as { findings: readonly { words: string }[] };
      expect(findings).toMatchObject([{ code: 'leak-table', column: 'invoices', severity: 'stop' }]);
      expect(findings[0]!.words).toMatch(/without invoices\. It covers whole visits: .* from gross, net\./);
      await commits.complete(claim, result, 1);
      const shown = await new RunRecord(dataSource).forEvaluation(claim.run);
      expect(shown.tableFindings).toEqual(findings);
    });

    it('is planned if a person says so, and keeps what was found', async () => {
      const overrule = { check: 'leak-table', column: 'invoices', reason: 'known before', by: 'ann' };
      const result = await plan({ ...(await drawn(leaky, TABLES)), overrules: [overrule] });
      expect(result.end).toBeUndefined();
      expect(result.events).not.toEqual([]);
      expect(result.output).toMatchObject({
        findings: [{ code: 'leak-table', overruled: { reason: 'known before', by: 'ann' } }],
      });
    });

    it('goes on where the sample does not say which table a column is from', async () => {
      const result = await plan(await drawn(leaky));
      expect(result.end).toBeUndefined();
      expect(result.output).toMatchObject({ findings: [] });
      expect(result.output['logisticRanking']).toBeUndefined();
    });
  });
});
