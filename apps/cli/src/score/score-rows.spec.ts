import type { RawRow } from '@factory/domain';
import { openCsv, openJson, openNdjson, type VisitRows } from '@factory/rows';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvValue, printedRow, rowWriter } from './row-writer';
import { scoreRows, type FileModel, type ScoredRows } from './score-rows';

const folder = mkdtempSync(join(tmpdir(), 'score-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function all(visits: VisitRows): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  for await (const row of visits.rows()) rows.push(row);
  return rows;
}

/** Probability = basket / 100; knows `basket` and the levels `phone` and `NA` of `device`. */
const model: FileModel = {
  scorer: {
    score: (row, onFinding) => {
      const basket = row['basket'] === null || row['basket'] === undefined ? 50 : Number(row['basket']);
      const unseen = ['phone', 'NA', null, undefined].includes(row['device'] as string) ? [] : ['device'];
      for (const column of unseen) onFinding?.(column, 'unseen');
      return { probability: basket / 100, percentile: basket, logit: basket - 50, unseen };
    },
  },
  bundle: {
    transform: {
      rows: 1_000,
      features: [
        {
          kind: 'number',
          column: 'basket',
          median: 50,
          indicator: false,
          mean: 0,
          deviation: 1,
          trim: 'none',
          clip: null,
        },
        {
          kind: 'category',
          column: 'device',
          levels: ['phone'],
          rest: ['NA'],
          other: true,
          indicator: false,
        },
      ],
    },
  },
};

const nowhere: ScoredRows = { begin: () => undefined, row: () => undefined };

describe('scoring a file', () => {
  it('adds the figures to the original values of a CSV, with its own delimiter', async () => {
    const visits = await openCsv(file('a.csv', 'id;basket;device\r\n007;20;phone\r\n8;;"x;y"\r\n'));
    const writer = rowWriter(
      visits.format,
      [...visits.columns, 'probability', 'percentile'],
      visits.delimiter,
    );
    let text = writer.begin;
    const summary = await scoreRows(
      visits,
      model,
      {},
      { begin: () => undefined, row: (row) => void (text += writer.row(row)) },
    );
    expect(text + writer.end()).toBe(
      'id;basket;device;probability;percentile\n007;20;phone;0.2;20\n8;;"x;y";0.5;50\n',
    );
    expect(summary).toMatchObject({
      visits: 2,
      meanProbability: 0.35,
      missingColumns: [],
      visitsWith: { unknown: 0, unseen: 1, outside: 0 },
      unseen: { device: 1 },
    });
  });

  it('reads words for unknown like the import, unless they were a level in training', async () => {
    const visits = await openCsv(file('b.csv', 'basket,device\n?,NA\nnan,n/a\n10,tablet\n'));
    const { unseen, meanProbability } = await scoreRows(visits, model, {}, nowhere);
    expect(unseen).toEqual({ device: 1 });
    expect(meanProbability).toBeCloseTo((0.5 + 0.5 + 0.1) / 3, 12);
  });

  it('names missing columns', async () => {
    const visits = openJson(file('c.json', '[{"basket": 10, "other": true}, {"basket": null}]'));
    expect(await all(visits)).toEqual([{ basket: 10, other: 1 }, { basket: null }]);
    const scored: RawRow[] = [];
    const summary = await scoreRows(
      visits,
      model,
      { verbose: true, allowMissing: ['device'] },
      { begin: () => undefined, row: (row) => void scored.push(row) },
    );
    expect(summary.missingColumns).toEqual(['device']);
    expect(scored[0]).toEqual({ basket: 10, other: 1, probability: 0.1, percentile: 10, logit: -40 });
  });

  it('matches columns in upper or lower case, and keeps the names of the file', async () => {
    const visits = await openCsv(file('k.csv', 'Basket,DEVICE\n20,phone\n'));
    const scored: RawRow[] = [];
    await scoreRows(visits, model, {}, { begin: () => undefined, row: (row) => void scored.push(row) });
    expect(scored).toEqual([{ Basket: '20', DEVICE: 'phone', probability: 0.2, percentile: 20 }]);
  });

  it('prefers the exact name to one in another case, and refuses two in other cases', async () => {
    const two = openJson(file('l.json', '[{"basket": 20, "Basket": 90, "device": "phone"}]'));
    expect((await scoreRows(two, model, {}, nowhere)).meanProbability).toBe(0.2);
    const ambiguous = openJson(file('m.json', '[{"BASKET": 20, "Basket": 90, "device": "phone"}]'));
    await expect(scoreRows(ambiguous, model, {}, nowhere)).rejects.toMatchObject({
      code: 'ambiguous-column',
    });
  });

  it.each([
    ['none of the columns', 'id,name\n1,a\n', { allowMissing: 'all' as const }, 'foreign-rows'],
    ['one column short', 'id,basket\n1,1\n', {}, 'missing-columns'],
    [
      'a column allowed that is not the missing one',
      'id,device\n1,phone\n',
      { allowMissing: ['device'] },
      'missing-columns',
    ],
    ['only a header, with foreign columns', 'id,name\n', {}, 'foreign-rows'],
    [
      'a level that training never saw in every row',
      `basket,device\n${'1,fridge\n'.repeat(200)}`,
      {},
      'unfit-columns',
    ],
  ])('refuses a file with %s before anything is written', async (name, text, options, code) => {
    const visits = await openCsv(file(`refused ${name}.csv`, text));
    const written: string[] = [];
    const into = { begin: () => void written.push('begin'), row: () => void written.push('row') };
    await expect(scoreRows(visits, model, options, into)).rejects.toMatchObject({ code });
    expect(written).toEqual([]);
  });

  it('checks all rows again at the end: the first 5,000 may be the only good ones', async () => {
    const rows = async function* () {
      for (let row = 0; row < 12_000; row++) yield { basket: 1, device: row < 6_000 ? 'phone' : 'fridge' };
      await Promise.resolve();
    };
    let written = 0;
    const into = { begin: () => undefined, row: () => void written++ };
    const visits = { columns: ['basket', 'device'], rows };
    await expect(scoreRows(visits, model, {}, into)).rejects.toMatchObject({
      code: 'unfit-columns',
      fit: { unfit: [{ column: 'device', finding: 'unseen', count: 6_000, share: 0.5 }] },
    });
    expect(written).toBe(12_000);
    expect((await scoreRows(visits, model, { allowUnfit: true }, nowhere)).visitsWith.unseen).toBe(6_000);
  });

  it('prints percentiles to a tenth, the resolution of their table', () => {
    const printed = [53.4, 53.36781, 534 * 0.1, 0, 100, 99.96].map((percentile) =>
      printedRow({ percentile }),
    );
    expect(printed.map((row) => csvValue(row['percentile'], ','))).toEqual([
      '53.4',
      '53.4',
      '53.4',
      '0',
      '100',
      '100',
    ]);
  });

  it('writes JSON that can be read again, also for no rows', () => {
    const writer = rowWriter('json', [], ',');
    const text = writer.begin + writer.row({ a: 1 }) + writer.row({ a: 'x' }) + writer.end();
    expect(JSON.parse(text)).toEqual([{ a: 1 }, { a: 'x' }]);
    const empty = rowWriter('json', [], ',');
    expect(JSON.parse(empty.begin + empty.end())).toEqual([]);
  });

  it('quotes values that need it (RFC 4180)', () => {
    expect(['a,b', 'say "x"', 'two\nlines', 'plain', 1.5, null].map((value) => csvValue(value, ','))).toEqual(
      ['"a,b"', '"say ""x"""', '"two\nlines"', 'plain', '1.5', ''],
    );
  });

  it('reads one visit per line', async () => {
    expect(await all(await openNdjson(file('d.ndjson', '{"a":1}\n\n{"a":"x"}\n')))).toEqual([
      { a: 1 },
      { a: 'x' },
    ]);
  });

  it.each([
    ['e.json', '{', 'not-json'],
    ['f.json', '[1]', 'malformed-visit'],
    ['g.json', '[{"a":{"b":1}}]', 'malformed-visit'],
    ['h.json', '[]', 'empty-file'],
    ['i.csv', '', 'empty-file'],
    ['j.csv', 'a,b\n1\n', 'ragged-row'],
  ])('refuses %s (%p) with code %s', async (name, text, code) => {
    const path = file(name, text);
    const read = async () => all(name.endsWith('.json') ? openJson(path) : await openCsv(path));
    await expect(read()).rejects.toMatchObject({ code });
  });
});
