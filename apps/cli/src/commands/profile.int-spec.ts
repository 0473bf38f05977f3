import { encodeDataset } from '@factory/dataset';
import type { Dataset } from '@factory/domain';
import type { ShownProfile } from '@factory/fleet';
import { sqlOf } from '@factory/ledger';
import { putVerified } from '@factory/object-store';
import { storeBundle } from '@factory/registry/spec-bundle';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpecFactory, key } from '../spec-kit/spec-factory';

const ROWS = 120;

/** Train, validation and test rows: basket and worth say the same. */
const dataset: Dataset = {
  rows: ROWS,
  features: [
    {
      kind: 'number',
      name: 'basket',
      values: Float32Array.from({ length: ROWS }, (_, row) => (row * 7) % 31),
    },
    {
      kind: 'number',
      name: 'worth',
      values: Float32Array.from({ length: ROWS }, (_, row) => 2 * ((row * 7) % 31)),
    },
    {
      kind: 'number',
      name: 'hour',
      values: Float32Array.from({ length: ROWS }, (_, row) => (row * row * 11) % 23),
    },
    { kind: 'category', name: 'device', codes: new Int32Array(ROWS), levels: ['phone'] },
  ],
  visitIds: Array.from({ length: ROWS }, (_, row) => `v${row}`),
  visitorIds: Array.from({ length: ROWS }, (_, row) => `w${row}`),
  visitTimes: new Float64Array(ROWS),
  labels: new Uint8Array(ROWS),
  marks: Uint8Array.from({ length: ROWS }, (_, row) => row % 3),
  weights: new Float64Array(ROWS).fill(1),
};

describe('factory profile', () => {
  let factory: SpecFactory;
  let run: string;

  beforeAll(async () => {
    factory = await SpecFactory.open();
    run = await factory.startRun('profiled');
    const champion = await storeBundle(factory.store, key, 'v1', run, -1);
    await sqlOf(factory.ledger).change(
      `INSERT INTO attrib_propensity_model
         (source, product, goal, version, location, manifest_sha256, run_id, metrics, since, champion_epoch)
       VALUES (?, ?, ?, 'v1', ?, ?, ?, '{}', UTC_TIMESTAMP(6), 1)`,
      [key.source, key.product, key.goal, champion.location, champion.manifestSha256, run],
    );
    const files = `models/${key.source}/${key.goal}/${key.product}/v1/profile.json`;
    const json = { contentType: 'application/json' };
    const checks = {
      schemaVersion: 1,
      champion: null,
      skipped: [],
      findings: [{ code: 'leak-auc', severity: 'stop', figure: 1, limit: 0.95, words: 'basket is a leak.' }],
      checked: [],
    };
    const window = {
      start: '2023-02-01T00:00:00.000Z',
      trainEnd: '2023-03-25T00:00:00.000Z',
      end: '2023-04-01T00:00:00.000Z',
      days: 52,
      sales: 11_000,
    };
    const body = { window, checks: { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 } };
    await factory.did(run, 'data-prep', {
      output: body,
      events: [{ event: 'data.prepared', shard: '0', body }],
    });
    await factory.did(run, 'sampling', {
      output: {
        profile: await putVerified(factory.store, 'runs/p', await factory.store.get(files, 'document'), json),
        dataChecks: await putVerified(factory.store, 'runs/c', JSON.stringify(checks), json),
        dataset: await putVerified(factory.store, 'runs/d', encodeDataset(dataset), json),
      },
      end: { outcome: 'rejected', reason: 'leak-auc' },
    });
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  it('shows the data of the version in force', async () => {
    const shown = await factory.cli.json<ShownProfile>('profile', '--product', '7');
    expect(shown).toMatchObject({ ...key, run, version: 'v1', findings: null });
    expect(shown.profile.columns.map(({ name }) => name)).toEqual(['basket', 'device']);
    const { code, stdout } = await factory.cli.run('profile', '--product', '7', '--version', 'v1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^basket +number/m);
  });

  it('shows the data of a run that was rejected, and why', async () => {
    const { code, stdout } = await factory.cli.run('profile', '--run', run.slice(0, 10));
    expect(code).toBe(0);
    expect(stdout).toContain('leak-auc: basket is a leak.');
  });

  it('shows the principal components of its rows: of columns that go together, one', async () => {
    const { principal } = await factory.cli.json<ShownProfile>('profile', '--run', run, '--principal', '2');
    expect(principal).toMatchObject({ rows: 80, columns: 3 });
    expect(principal!.components).toHaveLength(2);
    const [first] = principal!.components;
    // Two of three columns are the same: an eigenvalue near 2, in equal parts.
    expect(first!.share).toBeGreaterThan(0.6);
    expect(
      first!.loadings
        .slice(0, 2)
        .map(({ column }) => column)
        .sort(),
    ).toEqual(['basket', 'worth']);
    expect(first!.loadings[0]!.loading).toBeCloseTo(Math.SQRT1_2, 1);
    const { stdout } = await factory.cli.run('profile', '--product', '7', '--principal', '1');
    expect(stdout).toMatch(/^PRINCIPAL COMPONENTS\n1 of 3 directions/m);
    expect(await factory.cli.run('profile', '--run', run, '--principal', '0')).toMatchObject({ code: 2 });
  });

  it('writes a page', async () => {
    const path = join(factory.folder, 'profile.html');
    const { code, stderr } = await factory.cli.run('profile', '--run', run, '--html', path);
    expect([code, stderr]).toEqual([0, expect.stringContaining(path)]);
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>[^]*<svg\s/);
  });

  it('asks for a run or a product', async () => {
    expect(await factory.cli.run('profile')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--run') as string,
    });
  });

  it('says that a run has none', async () => {
    const other = await factory.startRun('without');
    expect(await factory.cli.run('profile', '--run', other)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('name a run that this release has sampled') as string,
    });
  });
});
