import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawRow } from '@factory/domain';
import { openCsv } from './read-csv';
import { openJson, openNdjson } from './read-json';
import { csvValue, rowWriter } from './row-writer';
import { scoreRows, type FileModel } from './score-rows';
import type { VisitRows } from './visit-rows';

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
    score: (row) => {
      const basket = row['basket'] === null || row['basket'] === undefined ? 50 : Number(row['basket']);
      const unseen = ['phone', 'NA', null, undefined].includes(row['device'] as string) ? [] : ['device'];
      return { probability: basket / 100, percentile: basket, logit: basket - 50, unseen };
    },
  },
  bundle: {
    transform: {
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

describe('scoring a file', () => {
  it('puts the figures beside the original values of a CSV, in its own delimiter', async () => {
    const visits = await openCsv(file('a.csv', 'id;basket;device\r\n007;20;phone\r\n8;;"x;y"\r\n'));
    const writer = rowWriter(
      visits.format,
      [...visits.columns, 'probability', 'percentile'],
      visits.delimiter,
    );
    let text = writer.begin;
    const summary = await scoreRows(visits.rows(), visits.columns, model, false, (row) => {
      text += writer.row(row);
    });
    expect(text + writer.end()).toBe(
      'id;basket;device;probability;percentile\n007;20;phone;0.2;20\n8;;"x;y";0.5;50\n',
    );
    expect(summary).toEqual({ visits: 2, meanProbability: 0.35, missingColumns: [], unseen: { device: 1 } });
  });

  it('takes words for unknown as import does, unless training knew them as a level', async () => {
    const visits = await openCsv(file('b.csv', 'basket,device\n?,NA\nnan,n/a\n10,tablet\n'));
    const { unseen, meanProbability } = await scoreRows(
      visits.rows(),
      visits.columns,
      model,
      false,
      () => undefined,
    );
    expect(unseen).toEqual({ device: 1 });
    expect(meanProbability).toBeCloseTo((0.5 + 0.5 + 0.1) / 3, 12);
  });

  it('names the columns that the file lacks', async () => {
    const visits = openJson(file('c.json', '[{"basket": 10, "other": true}, {"basket": null}]'));
    expect(await all(visits)).toEqual([{ basket: 10, other: 1 }, { basket: null }]);
    const scored: RawRow[] = [];
    const summary = await scoreRows(
      visits.rows(),
      visits.columns,
      model,
      true,
      (row) => void scored.push(row),
    );
    expect(summary.missingColumns).toEqual(['device']);
    expect(scored[0]).toEqual({ basket: 10, other: 1, probability: 0.1, percentile: 10, logit: -40 });
  });

  it('writes JSON that can be read again, also of no rows', () => {
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

  it('reads one visit a line', async () => {
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
