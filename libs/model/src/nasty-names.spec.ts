import { compareBytes, type Column, type RawRow } from '@factory/domain';
import { fitTransform } from '@factory/normalisation';
import { NASTY_NAMES } from '@factory/testing';
import { encodeBundle, type BundleFile } from './bundle';
import { buildGoldenRows } from './golden-rows';
import { buildPercentiles } from './percentiles';
import { FitCounts, checkRowFit } from './row-fit';
import { loadScorer } from './scorer';
import { NetworkModel } from './network/network-model';
import { modelParts, randomNetwork } from './spec-model';

const names = NASTY_NAMES.map(({ name }) => name);
const ROWS = 300;
const rows = Uint32Array.from({ length: ROWS }, (_, row) => row);

/** Each name once as a column of numbers with gaps, and as a level of an additional column. */
function columnsCalled(called: (name: string) => string): Column[] {
  return [
    ...names.map((name, at): Column => ({
      kind: 'number',
      name: called(name),
      values: new Float32Array(ROWS).map((_, row) => (row % 11 === at % 11 ? NaN : (row * (at + 3)) % 101)),
    })),
    {
      kind: 'category',
      name: 'level of',
      codes: new Int32Array(ROWS).map((_, row) => row % names.length),
      levels: names.map(called),
    },
  ];
}

async function loaded(columns: readonly Column[]) {
  const transform = fitTransform(columns, rows);
  const model = new NetworkModel(randomNetwork(transform.outputs.length, 5));
  const percentiles = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const golden = buildGoldenRows({ transform, model, percentiles, columns, trainRows: rows, seed: 3 });
  const files = encodeBundle({ ...modelParts(), transform, model, percentiles, golden });
  return loadScorer((file: BundleFile) => Promise.resolve(files.get(file)!));
}

const rawRow = (columns: readonly Column[], row: number): RawRow =>
  Object.fromEntries(
    columns.map((one) => [
      one.name,
      one.kind === 'number'
        ? Number.isNaN(one.values[row])
          ? null
          : one.values[row]
        : one.levels[one.codes[row]!],
    ]),
  );

describe('a bundle of nasty names', () => {
  const nasty = columnsCalled((name) => name);
  // Levels with equal counts are ordered by bytes.
  const inOrder = [...names].sort(compareBytes);
  const plain = columnsCalled((name) => `plain ${String(inOrder.indexOf(name)).padStart(3, '0')}`);

  it('is packed, loaded with its golden rows, and gives the same scores as plain names', async () => {
    const { scorer, bundle } = await loaded(nasty);
    const twin = (await loaded(plain)).scorer;
    for (const row of rows.slice(0, 40)) {
      // Golden rows and rows to score come from JSON.
      const given = JSON.parse(JSON.stringify(rawRow(nasty, row))) as RawRow;
      const { logit, unseen } = scorer.score(given);
      expect({ logit, unseen }).toEqual({ logit: twin.score(rawRow(plain, row)).logit, unseen: [] });
      expect(Number.isFinite(logit)).toBe(true);
    }
    expect(scorer.scoreColumns(nasty, rows).logits).toEqual(twin.scoreColumns(plain, rows).logits);
    expect(Object.keys(bundle.golden.rows[0]!.row).sort()).toEqual([...names, 'level of'].sort());
  });

  it.each(NASTY_NAMES)(
    'counts unusual values of $name, and reports it as missing if it is absent',
    async ({ name }) => {
      const { scorer, bundle } = await loaded(
        nasty.filter((one) => one.name === name || one.name === 'level of'),
      );
      const counts = new FitCounts();
      scorer.score(
        Object.fromEntries([
          [name, 'text'],
          ['level of', 'neither'],
        ]),
        counts.onFinding,
      );
      counts.endRow();
      expect(counts.of(name)).toEqual({ unknown: 0, unseen: 1, outside: 0 });
      expect(counts.of('level of').unseen).toBe(1);
      const fit = checkRowFit(bundle.transform, new Set(['level of']), counts, { allowMissing: [name] });
      expect(fit.missingColumns).toEqual([name]);
    },
  );
});
