import type { Column, RawRow } from '@factory/domain';
import { NetworkModel, Scorer, buildPercentiles } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { openCsv, openJson, openNdjson, type VisitRows } from '@factory/rows';
import { NASTY_NAMES } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvValue, rowWriter } from './row-writer';
import { scoreRows } from './score-rows';

const folder = mkdtempSync(join(tmpdir(), 'nasty-names-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Possible column names of a file: control characters and reserved names never become columns of a model. */
const names = NASTY_NAMES.filter(({ refusedAs }) => refusedAs === undefined).map(({ name }) => name);
const ROWS = 240;
const value = (column: number, row: number): number => (row * (column + 3)) % 101;
const columns: Column[] = [
  ...names.map((name, at): Column => ({
    kind: 'number',
    name,
    values: new Float32Array(ROWS).map((_, row) => value(at, row)),
  })),
  {
    kind: 'category',
    name: 'level of',
    codes: new Int32Array(ROWS).map((_, row) => row % names.length),
    levels: names,
  },
];
const every = Uint32Array.from({ length: ROWS }, (_, row) => row);
const transform = fitTransform(columns, every);
/** One layer: the logit is the sum of all outputs, each with a different weight. */
const model = new NetworkModel({
  layers: [
    {
      kernel: Float32Array.from(transform.outputs, (_, at) => Math.sin(at + 1)),
      bias: new Float32Array(1),
      inputs: transform.outputs.length,
      units: 1,
      activation: 'sigmoid' as const,
    },
  ],
});
const percentiles = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
const scorer = new Scorer({ transform, model, percentiles });
const rows: RawRow[] = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries([
    ...names.map((name, at) => [name, value(at, row)] as const),
    ['level of', names[row % names.length]] as const,
  ]),
);

async function scored(visits: VisitRows): Promise<RawRow[]> {
  const all: RawRow[] = [];
  const into = { begin: () => undefined, row: (row: RawRow) => void all.push(row) };
  const summary = await scoreRows(visits, { scorer, bundle: { transform } }, { verbose: true }, into);
  expect(summary).toMatchObject({ missingColumns: [], unseen: {}, outside: {}, unfit: [], visits: ROWS });
  return all;
}

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('scoring files with unusual names', () => {
  const { logits } = scorer.scoreColumns(columns, every);

  it('from CSV: every column and level counts, and the original values come back', async () => {
    const line = (all: readonly RawRow[string][]) => all.map((one) => csvValue(one, ',')).join(',');
    const header = [...names, 'level of'];
    const lines = rows.map((row) => line(header.map((name) => row[name])));
    const visits = await openCsv(file('a.csv', [line(header), ...lines, ''].join('\n')));
    const all = await scored(visits);
    expect(all.map((row) => row['logit'])).toEqual([...logits]);
    const writer = rowWriter('csv', visits.columns, ',');
    expect(writer.begin + all.map((row) => writer.row(row)).join('')).toBe(
      [line(header), ...lines, ''].join('\n'),
    );
  });

  it('from JSON and NDJSON', async () => {
    const json = await scored(openJson(file('b.json', JSON.stringify(rows))));
    expect(json.map((row) => row['logit'])).toEqual([...logits]);
    const text = rows.map((row) => JSON.stringify(row)).join('\n');
    const ndjson = await scored(await openNdjson(file('c.ndjson', text)));
    expect(ndjson.map((row) => row['logit'])).toEqual([...logits]);
    expect(JSON.stringify(ndjson[0])).toContain('"__proto__":0');
  });

  it.each(names)('reports %s as missing if the file has all other columns', async (name) => {
    const short = rows
      .slice(0, 3)
      .map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== name)));
    const work = scoreRows(
      openJson(file('d.json', JSON.stringify(short))),
      { scorer, bundle: { transform } },
      {},
      { begin: () => undefined, row: () => undefined },
    );
    await expect(work).rejects.toMatchObject({ code: 'missing-columns', fit: { missingColumns: [name] } });
  });
});
