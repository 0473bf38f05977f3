import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { boundedLines } from './bounded-lines';
import { FILE_LIMITS, fileLimitsOf, fileVariables } from './file-limits';
import { readPreamble } from './preamble';
import { columnPlace } from './csv-header';
import { openCsv } from './read-csv';
import { openJson, openNdjson } from './read-json';
import type { VisitRows } from './visit-rows';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1_048_576;
const limits = {
  ...FILE_LIMITS,
  columns: 100,
  rowCharacters: 10_000,
  unpackedBytes: 65_536,
  jsonBytes: MIB,
};

async function read(name: string, content: string | Buffer): Promise<{ rows: number; columns: number }> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const visits = await open(file);
  let rows = 0;
  for await (const row of visits.rows()) rows += Object.keys(row).length > 0 ? 1 : 0;
  return { rows, columns: visits.columns.length };
}

function open(file: string): Promise<VisitRows> | VisitRows {
  if (file.endsWith('.ndjson')) return openNdjson(file, limits);
  return file.endsWith('.json') ? openJson(file, limits) : openCsv(file, { limits });
}

/** Small pieces, as a gzip file of many members has them. */
async function* pieces(length: number): AsyncGenerator<string> {
  for (let at = 0; at < length; at += 16) yield await Promise.resolve('x'.repeat(16));
}

describe('a file of a stranger', () => {
  it.each<[string, string, string | Buffer, string, RegExp]>([
    [
      'a header without a line end',
      'a.csv',
      'x'.repeat(1_000_000),
      'row-too-long',
      /header.*FILE_MAX_ROW_CHAR/,
    ],
    ['endless empty lines', 'a.csv', '\n'.repeat(1_000_000), 'row-too-long', /header/],
    ['endless comments', 'a.csv', '# a, b\n'.repeat(100_000), 'row-too-long', /header/],
    ['a line of 1 MB', 'a.csv', `a,b\n${'x'.repeat(MIB)},1\n`, 'row-too-long', /line 2.*10000/],
    ['a header of commas', 'a.csv', `${','.repeat(100)}\n`, 'too-many-columns', /101.*FILE_MAX_COLUMNS/],
    [
      'a small file that unpacks to a large one',
      'a.csv.gz',
      gzipSync(`a,b\n${'1,2\n'.repeat(20_000)}`),
      'file-too-large',
      /unpacked.*FILE_MAX_UNPACKED_GIB/,
    ],
    ['a large JSON file', 'a.json', `[${' '.repeat(MIB)}]`, 'file-too-large', /ndjson.*FILE_MAX_JSON_MIB/],
    ['a long line of JSON', 'a.ndjson', `{"a":1}\n{"a":"${'x'.repeat(MIB)}"}\n`, 'row-too-long', /line 2/],
    [
      'a visit of many columns',
      'a.ndjson',
      JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`c${at}`, 1]))),
      'too-many-columns',
      /line 1.*101/,
    ],
    [
      'a deep visit',
      'a.ndjson',
      `{"a":${'['.repeat(4_000)}${']'.repeat(4_000)}}`,
      'malformed-visit',
      /number, text/,
    ],
  ])('is refused for %s', async (_, name, content, code, message) => {
    const refused = read(name, content);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });

  it('is read up to each limit', async () => {
    const names = Array.from({ length: 100 }, (_, at) => `c${at}`).join(',');
    expect(await read('b.csv', `${names}\n${'1,'.repeat(99)}1\n`)).toEqual({ rows: 1, columns: 100 });
    expect(await read('c.csv', `a,b\n${'x'.repeat(9_900)},1\n`)).toEqual({ rows: 1, columns: 2 });
    expect(await read('d.csv.gz', gzipSync(`a,b\n${'1,2\n'.repeat(16_000)}`))).toEqual({
      rows: 16_000,
      columns: 2,
    });
    expect(await read('e.ndjson', `{"a":1}\r\n\r\n{"a":"${'x'.repeat(9_900)}"}`)).toEqual({
      rows: 2,
      columns: 1,
    });
  });

  it('names some of many columns where one is missing', () => {
    const header = Array.from({ length: 60 }, (_, at) => `c${at}`);
    expect(() => columnPlace(header, 'exclude', 'z')).toThrow(/: c0, c1, .*, c49 and 10 more$/);
  });

  it('costs time in proportion to its length, however small the pieces are that it comes in', async () => {
    const length = 960_000;
    const from = performance.now();
    const { headerLine } = await readPreamble(pieces(length), () => 1, 'file', FILE_LIMITS);
    expect(headerLine).toHaveLength(length);
    // A quarter of a minute if each piece were searched together with all before it.
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

it('lines end in the three ways that exist, wherever the pieces are cut', async () => {
  const text = 'a\r\nb\rc\n\nd\r\n';
  for (const pieces of [
    [text],
    [...text],
    ['a\r', '\nb\rc\n', '', '\nd\r', '\n'],
    ['a\r', '', '\nb\rc\n\nd'],
  ]) {
    const lines: string[] = [];
    for await (const line of boundedLines(piecesOf(pieces), 'file', limits)) lines.push(line);
    expect(lines).toEqual(['a', 'b', 'c', '', 'd']);
  }
});

async function* piecesOf(pieces: readonly string[]): AsyncGenerator<string> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

it('the variables have the limits as defaults', () => {
  const schema = z.object(fileVariables);
  expect(fileLimitsOf(schema.parse({}))).toEqual(FILE_LIMITS);
  expect(fileLimitsOf(schema.parse({ FILE_MAX_COLUMNS: '7', FILE_MAX_JSON_MIB: '2' }))).toMatchObject({
    columns: 7,
    jsonBytes: 2 * MIB,
  });
  expect(schema.safeParse({ FILE_MAX_COLUMNS: '0' }).success).toBe(false);
});
