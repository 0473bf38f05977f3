import {
  independentPython,
  mustSucceed,
  repositoryRoot,
  runProgram,
  startFactory,
  type Factory,
} from '@factory/testing';
import { tableFromIPC } from 'apache-arrow';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allRuns } from './outcomes';

interface Retrained {
  readonly runs: readonly { readonly run: string; readonly outcome: string; readonly reason: string }[];
}
interface GoldenRow {
  readonly row: Readonly<Record<string, string | number | null>>;
  readonly logit: number;
  readonly probability: number;
  readonly percentile: number;
}
interface Champion {
  readonly version: string;
  readonly epoch: number;
  readonly manifestSha256: string;
}

describe('the artefacts of a run on S3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'factory-artefacts-'));
  let factory: Factory;
  let first: string;
  let second: string;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:10000:0.06'] }],
      policy: { grid: 'quick', minSales: 50 },
    });
    await setEpochs(8);
    first = await retrain('published');
    await setEpochs(25);
    second = await retrain('published');
    await factory.download('', folder);
  }, 180_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await factory?.dispose();
  }, 60_000);

  async function setEpochs(epochs: number): Promise<void> {
    await factory.json('policy', 'set', '1', `epochs=${epochs}`, '--reason', 'shows');
  }

  /** @returns the run's id */
  async function retrain(outcome: string, ...options: string[]): Promise<string> {
    const { runs } = await factory.json<Retrained>('retrain', '--product', '1', '--wait', ...options);
    expect(runs).toMatchObject([{ outcome }]);
    return runs[0]!.run;
  }

  async function datasetOf(run: string): Promise<Buffer> {
    const [key] = (await factory.keys(`runs/${run}/sampling/`)).filter((one) =>
      one.endsWith('/dataset.arrow'),
    );
    return factory.object(key!);
  }

  async function champion(): Promise<Champion> {
    const [row] = await factory.rows<Champion>(
      `SELECT version, champion_epoch AS epoch, manifest_sha256 AS manifestSha256 FROM attrib_propensity_model`,
    );
    return row!;
  }

  const versionOf = (run: string): Promise<string> =>
    factory
      .rows<{ version: string }>('SELECT version FROM attrib_propensity_model_run WHERE run_id = ?', [run])
      .then(([row]) => row!.version);
  const bundleOf = async (run: string): Promise<string> =>
    join(folder, 'models', 'main', 'sale', '1', await versionOf(run));
  const goldenOf = async (run: string): Promise<GoldenRow[]> =>
    (JSON.parse(readFileSync(join(await bundleOf(run), 'golden.json'), 'utf8')) as { rows: GoldenRow[] })
      .rows;

  it('agrees with what Python, numpy and scikit-learn recompute from the files alone', async () => {
    const script = join(repositoryRoot(), 'tools', 'independent-check', 'check_run.py');
    for (const run of [first, second]) {
      const { code, stdout, stderr } = await runProgram(independentPython(), [
        script,
        folder,
        '--run',
        run,
        '--json',
      ]);
      const [version] = JSON.parse(stdout || '[]') as { checks: { check: string; passed: boolean }[] }[];
      const failed = version?.checks.filter(({ passed }) => !passed);
      expect({ failed, code, stderr }).toEqual({ failed: [], code: 0, stderr: '' });
      expect(version!.checks.length).toBeGreaterThan(40);
    }
  }, 60_000);

  it('loads with stock tf.loadLayersModel, which reproduces the golden rows', async () => {
    const script = join(repositoryRoot(), 'tools', 'e2e', 'predict_with_tfjs.mjs');
    const said = await runProgram(process.execPath, [script, await bundleOf(second)]);
    const predicted = JSON.parse(mustSucceed(script, said)) as { logit: number; probability: number }[];
    expectGolden(predicted, await goldenOf(second));
  }, 60_000);

  it('is scored by the command line as the golden rows say, from CSV and from JSON', async () => {
    const golden = await goldenOf(second);
    const columns = Object.keys(golden[0]!.row);
    const csv = join(folder, 'golden.csv');
    const lines = golden.map(({ row }) => columns.map((column) => row[column] ?? '').join(','));
    writeFileSync(csv, [columns.join(','), ...lines, ''].join('\n'));
    const json = join(folder, 'golden-rows.json');
    writeFileSync(json, JSON.stringify(golden.map(({ row }) => row)));
    for (const file of [csv, json]) {
      const scored = await factory.json<GoldenRow[]>('score', '--product', '1', '--verbose', file);
      expectGolden(scored, golden);
      expect(scored.map((row) => row.percentile)).toEqual(
        golden.map((row) => Math.round(10 * row.percentile) / 10),
      );
    }
  }, 60_000);

  it('holds the same dataset, byte for byte, when the same rows are drawn again', async () => {
    const [one, two] = [await datasetOf(first), await datasetOf(second)];
    expect(sha256(one)).toBe(sha256(two));
  });

  it('draws other rows with another seed, but a visitor keeps the mark', async () => {
    const other = await retrain('skipped', '--seed', 'other', '--until', 'sampling');
    const [before, after] = [visits(await datasetOf(first)), visits(await datasetOf(other))];
    const shared = [...after.ids].filter((id) => before.ids.has(id));
    expect(shared.length).toBeGreaterThan(100);
    expect(after.ids.size - shared.length).toBeGreaterThan(100);
    const moved = [...after.marks].filter(
      ([who, mark]) => before.marks.has(who) && before.marks.get(who) !== mark,
    );
    expect(moved).toEqual([]);
  }, 60_000);

  it.each([
    ['sampling', ['data-prep', 'sampling']],
    ['training', ['data-prep', 'sampling', 'trainer-plan', 'trials', 'gather']],
    ['evaluation', ['data-prep', 'sampling', 'trainer-plan', 'trials', 'gather', 'evaluator']],
  ])(
    'ends after %s when asked to, and publishes nothing',
    async (point, stages) => {
      const before = [await champion(), await factory.keys('models/')];
      const run = await retrain('skipped', '--until', point);
      const done = await factory.rows<{ stage: string; status: string }>(
        'SELECT DISTINCT stage, status FROM factory_stage WHERE run_id = ?',
        [run],
      );
      expect(done.map(({ stage, status }) => `${stage} ${status}`).sort()).toEqual(
        stages.map((stage) => `${stage} done`).sort(),
      );
      expect([await champion(), await factory.keys('models/')]).toEqual(before);
    },
    60_000,
  );

  it('puts a challenger in force only when it is surely better, one epoch a change', async () => {
    const { epoch } = await champion();
    expect(epoch).toBe(2);
    const { runs } = await factory.json<Retrained>('retrain', '--product', '1', '--wait');
    const [{ run, outcome }] = runs as [Retrained['runs'][number]];
    const { verdict, evaluation } = await factory.json<{
      verdict: { decision: string; reasons: { rule: string; result: string }[] };
      evaluation: { judging: { reused: boolean }; champion: { difference: Record<string, number> } };
    }>('runs', 'show', run);
    const rule = verdict.reasons.find((one) => one.rule === 'better')!;
    const better = rule.result === 'passed';
    // The same range again: its rows judged the champion before.
    expect(evaluation.judging.reused).toBe(true);
    expect(evaluation.champion.difference['upper99']! < 0).toBe(better);
    expect(verdict.decision).toBe(better ? 'promote' : 'keep');
    expect(outcome).toBe(better ? 'published' : 'kept');
    expect(await champion()).toMatchObject({ epoch: better ? 3 : 2 });
  }, 60_000);

  it('goes back to the version before: database, champion.json and scores agree', async () => {
    const before = await champion();
    const [{ previous }] = (await factory.rows<{ previous: string }>(
      'SELECT previous_version AS previous FROM attrib_propensity_model',
    )) as [{ previous: string }];
    await factory.json('rollback', '--product', '1', '--reason', 'scores drifted');
    const now = await champion();
    expect(now).toMatchObject({ version: previous, epoch: before.epoch + 1 });
    const pointer = await factory.object('models/main/sale/1/champion.json');
    expect(JSON.parse(pointer.toString('utf8'))).toMatchObject(now);
    const manifest = await factory.object(`models/main/sale/1/${previous}/manifest.json`);
    expect(sha256(manifest)).toBe(now.manifestSha256);
    const [golden] = (
      JSON.parse((await factory.object(`models/main/sale/1/${previous}/golden.json`)).toString('utf8')) as {
        rows: GoldenRow[];
      }
    ).rows;
    const file = join(folder, 'one.json');
    writeFileSync(file, JSON.stringify([golden!.row]));
    const [scored] = await factory.json<GoldenRow[]>('score', '--product', '1', '--verbose', file);
    expect(Math.abs(scored!.logit - golden!.logit)).toBeLessThanOrEqual(1e-4);
    expect((await allRuns(factory)).every(({ outcome }) => outcome !== 'failed')).toBe(true);
  }, 60_000);

  it('refuses to score with a bundle of which a file was changed', async () => {
    const { version } = await champion();
    const key = `models/main/sale/1/${version}/weights.bin`;
    const weights = await factory.object(key);
    weights[0] = (weights[0] ?? 0) ^ 1;
    await factory.putObject(key, weights);
    const file = join(folder, 'one.json');
    writeFileSync(file, JSON.stringify([(await goldenOf(first))[0]!.row]));
    const { code, stdout, stderr } = await factory.cli('score', '--product', '1', file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('(sha256-mismatch)');
    expect(stderr).toContain('weights.bin');
  }, 60_000);
});

function expectGolden(
  actual: readonly { readonly logit: number; readonly probability: number }[],
  golden: readonly GoldenRow[],
): void {
  expect(actual).toHaveLength(golden.length);
  const off = (field: 'logit' | 'probability'): number =>
    Math.max(...golden.map((row, at) => Math.abs(row[field] - actual[at]![field])));
  expect(off('logit')).toBeLessThanOrEqual(1e-4);
  expect(off('probability')).toBeLessThanOrEqual(1e-5);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Visit ids of the training part, and the mark of each visitor in it. */
function visits(dataset: Uint8Array): { ids: Set<string>; marks: Map<string, string> } {
  const table = tableFromIPC(dataset);
  const column = (name: string): string[] => Array.from(table.getChild(name) ?? [], String);
  const [ids, visitors, marks] = [column('visit_id'), column('visitor_id'), column('mark')];
  const inTraining = marks.flatMap((mark, at) => (mark === 'out-of-time' ? [] : [at]));
  return {
    ids: new Set(inTraining.map((at) => ids[at]!)),
    marks: new Map(inTraining.map((at) => [visitors[at]!, marks[at]!])),
  };
}
