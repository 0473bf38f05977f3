import { encodeDataset } from '@factory/dataset';
import {
  DEFAULT_POLICY,
  drawTrials,
  expandGrid,
  MARKS,
  RunSkippedError,
  type Dataset,
  type Mark,
} from '@factory/domain';
import { sha256Of } from '@factory/object-store';
import { Readable } from 'node:stream';
import { DatasetMemory, type StatedMemory } from './dataset-memory';
import { PlanRun, type PlanRequest } from './plan-run';
import { GROUP_SECONDS } from './plan-trials';
import { workHere } from './spec-dataset-work';

const parts: Record<Mark, number> = { train: 600, validation: 160, test: 200, 'out-of-time': 300 };
const marks = Uint8Array.from(
  MARKS.flatMap((mark) => new Array<number>(parts[mark]).fill(MARKS.indexOf(mark))),
);
const all = Array.from(marks.keys());

/** Train rows hold x below 600; the other parts hold far larger values. */
const dataset = (values: (row: number) => number = (row) => (row < 600 ? row : 1e6)): Dataset => ({
  rows: all.length,
  features: [
    { kind: 'number', name: 'x', values: Float32Array.from(all, values) },
    {
      kind: 'category',
      name: 'device',
      codes: Int32Array.from(all, (row) => (values(row) === 0 ? 0 : row % 3)),
      levels: ['desktop', 'phone', 'tablet'],
    },
  ],
  visitIds: all.map((row) => `v${row}`),
  visitorIds: all.map((row) => `w${row}`),
  visitTimes: new Float64Array(all.length),
  labels: Uint8Array.from(all, (row) => row % 2),
  marks,
  weights: new Float64Array(all.length).fill(1),
});

const POLICY: PlanRequest['policy'] = { ...DEFAULT_POLICY, epochs: 50, scaler: 'standard', maxFeatures: 400 };

function plan(request: Partial<PlanRequest> = {}, of = dataset(), memory = new DatasetMemory(1_000_000)) {
  const body = Buffer.from(encodeDataset(of));
  return new PlanRun({ getStream: () => Promise.resolve(Readable.from([body])) }, workHere, memory).execute({
    dataset: { key: 'dataset.arrow', sha256: sha256Of(body), bytes: body.length },
    grid: 'quick',
    policy: POLICY,
    seed: 'shop',
    ...request,
  });
}

describe('planning a run', () => {
  it('fits the transform on train rows only', async () => {
    const { transform } = await plan();
    expect(transform.rows).toBe(600);
    expect(transform.features[0]).toMatchObject({ column: 'x', mean: 299.5 });
  });

  it('states the size of the matrix of the trials, without out-of-time rows', async () => {
    const { matrix, transform } = await plan();
    expect(matrix).toEqual({ rows: 600 + 160 + 200, width: 4 });
    expect(transform.outputs).toHaveLength(4);
  });

  test.each(['quick', 'standard', 'full'] as const)(
    'puts every trial of grid %s into one group',
    async (grid) => {
      const { groups } = await plan({ grid });
      const trials = groups.flat().sort((a, b) => a.trial - b.trial);
      expect(trials).toEqual(expandGrid(grid, 50));
      expect(groups.every((group) => group.length > 0)).toBe(true);
    },
  );

  it('takes epochs, scaler and maxFeatures from the policy', async () => {
    const { groups, transform, matrix } = await plan({
      policy: { ...POLICY, epochs: 7, scaler: 'maxabs', maxFeatures: 2 },
    });
    expect(groups.flat().every(({ settings }) => settings.epochs === 7)).toBe(true);
    expect(transform.scaler).toBe('maxabs');
    expect(matrix.width).toBeLessThanOrEqual(2);
  });

  it('makes more groups if there is more work', async () => {
    const epochs = async (most: number) =>
      (await plan({ grid: 'full', policy: { ...POLICY, epochs: most } })).groups;
    expect(await epochs(1)).toHaveLength(1);
    // 600 rows x 10,000 epochs at 300,000 rows a second at most are 20 seconds or more: at most six share a group.
    const long = await epochs(10_000);
    expect(long.length).toBeGreaterThanOrEqual(288 / 6);
    expect(long.every((group) => group.length <= GROUP_SECONDS / 20)).toBe(true);
  });

  it('takes a part of the grid, drawn by the seed, for a random search', async () => {
    const { groups } = await plan({ policy: { ...POLICY, search: 'random', searchTrials: 2 } });
    expect(groups.flat().sort((a, b) => a.trial - b.trial)).toEqual(
      drawTrials(expandGrid('quick', 50), 2, 'shop'),
    );
  });

  it('takes the whole grid for halving, in fewer groups', async () => {
    const groupsOf = async (search: 'grid' | 'asha') =>
      (await plan({ grid: 'full', policy: { ...POLICY, search, epochs: 10_000 } })).groups;
    const halved = await groupsOf('asha');
    expect(halved.flat().sort((a, b) => a.trial - b.trial)).toEqual(expandGrid('full', 10_000));
    expect(halved.length).toBeLessThan((await groupsOf('grid')).length);
  });

  it('gives the same result each time', async () => {
    expect(await plan()).toEqual(await plan());
  });

  it('skips a run without usable features, with the reason of each column', async () => {
    const skipped = await plan(
      {},
      dataset(() => 0),
    ).catch((thrown: unknown) => thrown);
    expect(skipped).toBeInstanceOf(RunSkippedError);
    expect(skipped).toMatchObject({
      reason: 'no-features',
      figures: { dropped: [{ column: 'x' }, { column: 'device' }] },
    });
  });

  it('refuses a dataset that differs from what sampling wrote', async () => {
    const dataset = { key: 'dataset.arrow', sha256: 'f'.repeat(64), bytes: 1 };
    await expect(plan({ dataset })).rejects.toMatchObject({ code: 'sha256-mismatch' });
  });

  it('reserves the memory for fitting before it reads a byte, and releases it', async () => {
    const stated: StatedMemory[] = [];
    const memory = new DatasetMemory(1_000_000, (one) => stated.push(one));
    const { length } = encodeDataset(dataset());
    await plan({}, dataset(), memory);
    expect(stated).toEqual([{ use: 'fit', bytes: length, heldBytes: length, maxBytes: 1_000_000 }]);
    expect(memory.bytes).toBe(0);
  });

  it('plans if the rows that it keeps fit, however large the file, and refuses if they do not', async () => {
    // 600 train and 160 validation rows of two columns, 4 bytes each, and 17 bytes of label and scratch
    const needed = (600 + 160) * (2 * 4 + 17);
    expect(needed).toBeLessThan(encodeDataset(dataset()).length);
    expect(await plan({}, dataset(), new DatasetMemory(needed))).toEqual(await plan());
    const memory = new DatasetMemory(needed - 1);
    await expect(plan({}, dataset(), memory)).rejects.toMatchObject({
      code: 'dataset-too-large',
      message: `trainRows.bytes = ${needed}: raise MAX_DATASET_BYTES (now ${needed - 1}) with the pod's memory, or lower maxPositives, or exclude columns in sources.yaml`,
    });
    expect(memory.bytes).toBe(0);
  });
});
