import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCsv } from './csv-file';

const folder = mkdtempSync(join(tmpdir(), 'csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(
  content: string | Buffer,
  delimiter?: string,
  isHeader?: boolean,
): Promise<{ header: string[]; rows: string[][] }> {
  const file = join(folder, 'shop.csv');
  writeFileSync(file, content);
  let header: readonly string[] = [];
  const rows: string[][] = [];
  const settings = { file, encoding: 'utf-8', delimiter, isHeader };
  for await (const row of readCsv(settings, (names) => (header = names))) {
    expect(row.number).toBe(rows.length + 1);
    rows.push([...row.values]);
  }
  return { header: [...header], rows };
}

/** The same bytes with a wrong one in the middle. */
function damaged(bytes: Buffer): Buffer {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
  return bytes;
}

/** Rows that compress badly. */
function noise(rows: number): string {
  return `a;b\n${Array.from({ length: rows }, (_, row) => `${(row * 7_919) % 99_991};${row}\n`).join('')}`;
}

describe('reading a CSV file', () => {
  const expected = {
    header: ['id', 'job', 'y'],
    rows: [
      ['1', 'a', 'no'],
      ['2', 'b', 'yes'],
    ],
  };

  it.each([
    ['semicolons', 'id;job;y\n1;a;no\n2;b;yes\n'],
    ['commas', 'id,job,y\n1,a,no\n2,b,yes'],
    ['tabs', 'id\tjob\ty\n1\ta\tno\n2\tb\tyes\n'],
    ['CRLF line ends', 'id;job;y\r\n1;a;no\r\n2;b;yes\r\n'],
    ['quotes', '"id";"job";"y"\n"1";"a";"no"\n"2";"b";"yes"\n'],
    ['a byte order mark', '\uFEFFid;job;y\n1;a;no\n2;b;yes\n'],
    ['empty lines', '\nid;job;y\n\n1;a;no\n2;b;yes\n\n'],
    ['gzip', gzipSync('id;job;y\n1;a;no\n2;b;yes\n')],
  ])('reads %s', async (_, content) => {
    expect(await read(content)).toEqual(expected);
  });

  it('keeps delimiters, quotes and line ends inside quotes', async () => {
    const { rows } = await read('"a;x",b\n"1,5","say ""hi""\nthere"\n', ',');
    expect(rows).toEqual([['1,5', 'say "hi"\nthere']]);
  });

  it('names a column without a name by its position, such as the index that pandas writes', async () => {
    expect((await read(',y\n0,no\n')).header).toEqual(['column_1', 'y']);
  });

  it.each<[string, string | Buffer, string[], string[][]]>([
    ['a line that declares the delimiter', 'sep=|\na;b|c\n1;2|3\n', ['a;b', 'c'], [['1;2', '3']]],
    ['the same in quotes, with a mark and CRLF', '\uFEFF"sep=;"\r\na;b\r\n1;2\r\n', ['a', 'b'], [['1', '2']]],
    ['comments', '# made by hand, twice\n\n# and again\na,b\n1,2\n', ['a', 'b'], [['1', '2']]],
    ['a header that begins with #', '#chrom,pos\n1,2\n', ['#chrom', 'pos'], [['1', '2']]],
    ['a header that begins with # after comments', '# x\n#a,b\n1,2\n', ['#a', 'b'], [['1', '2']]],
    [
      'CR only',
      'a,b\r1,2\r3,4\r',
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'line ends of every kind',
      'a,b\r\n1,2\n3,4\r5,6',
      ['a', 'b'],
      [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
    ],
    ['a line end in quotes', 'a,b\n"1\r\n2",3\n', ['a', 'b'], [['1\r\n2', '3']]],
    ['no line end at its end', 'a,b\n1,2', ['a', 'b'], [['1', '2']]],
    ['a name like 007', '007,b\n1,2\n', ['007', 'b'], [['1', '2']]],
    ['names with blanks around', ' a , b\n1,2\n', ['a', 'b'], [['1', '2']]],
    ['two columns without a name', 'a,,\n1,2,3\n', ['a', 'column_2', 'column_3'], [['1', '2', '3']]],
    [
      'a value of 900,000 characters',
      `a,b\n${'x'.repeat(900_000)},2\n`,
      ['a', 'b'],
      [['x'.repeat(900_000), '2']],
    ],
    [
      'gzip in three members',
      Buffer.concat(['a,b\n', '1,', '2\n'].map((part) => gzipSync(part))),
      ['a', 'b'],
      [['1', '2']],
    ],
  ])('reads %s', async (_, content, header, rows) => {
    expect(await read(content)).toEqual({ header, rows });
  });

  it('uses the first line as names if configured', async () => {
    expect(await read('2019,2020\n1,2\n', undefined, true)).toEqual({
      header: ['2019', '2020'],
      rows: [['1', '2']],
    });
  });

  it.each([
    ['an empty file', '', 'empty-file', /header/],
    ['a file of white space', ' \n\n', 'empty-file', /header/],
    ['a ragged row, by its number', 'a;b\n1;2\n1;2;3\n', 'ragged-row', /row 2.*2 values/],
    ['a header of values', '58;management;no\n44;technician;no\n', 'no-header', /58/],
    ['a duplicate name', 'a;b;A\n1;2;3\n', 'duplicate-header', /"A"/],
    ['one column', 'a\n1\n', 'no-delimiter', /--delimiter/],
    ['a quote that is never closed', 'a;b\n1;"2\n3;4\n', 'broken-quotes', /quotes/],
    ['a quote in the middle', 'a;b\n1;2"3"\n', 'broken-quotes', /line 2/],
    ['half of a gzip file', gzipSync('a;b\n1;2\n').subarray(0, 20), 'broken-gzip', /again/],
    ['a damaged gzip file', damaged(gzipSync(`a;b\n${'1;2\n'.repeat(5_000)}`)), 'broken-gzip', /again/],
    ['a large gzip file cut in two', gzipSync(noise(20_000)).subarray(0, 50_000), 'broken-gzip', /again/],
    [
      'text after a gzip file',
      Buffer.concat([gzipSync('a;b\n1;2\n'), Buffer.from('words')]),
      'broken-gzip',
      /again/,
    ],
    [
      'zero bytes after a gzip file',
      Buffer.concat([gzipSync('a;b\n1;2\n'), Buffer.alloc(512)]),
      'broken-gzip',
      /after the end/,
    ],
    [
      'a ragged row below comments, by its line',
      '# x\na;b\n"1\n1";2\n1;2;3\n',
      'ragged-row',
      /row 2 .line 5/,
    ],
    ['a row of 10 MB', `a;b\n1;2\n${'x'.repeat(10_000_000)};2\n`, 'row-too-long', /line 3.*1000000/],
    [
      'a quote that swallows the rest',
      `a;b\n1;"2\n${'3;4\n'.repeat(400_000)}`,
      'row-too-long',
      /line 2.*quote/,
    ],
    ['a zero byte', 'a;b\n1;\u00002\n', 'nul-byte', /after 6 characters/],
    [
      'UTF-16 without a byte order mark',
      Buffer.from('a;b\n1;2\n', 'utf16le'),
      'wrong-encoding',
      /utf-16le.*UTF-16/,
    ],
    [
      'UTF-16 without a byte order mark, big-endian',
      Buffer.from('a;b\n1;2\n', 'utf16le').swap16(),
      'wrong-encoding',
      /utf-16be/,
    ],
    ['comments only', '# x\n# y\n', 'empty-file', /header/],
    ['years as names', '2019;2020\n1;2\n', 'no-header', /--header/],
    ['names that differ only in accents', 'ano;año\n1;2\n', 'duplicate-header', /columns 1 and 2/],
    ['a zip file', Buffer.from('PK\u0003\u0004 and so on'), 'unsupported-file', /Excel/],
    ['a web page', '<!DOCTYPE html>\n<html></html>\n', 'unsupported-file', /web page/],
    ['a JSON file', '[{"a": 1, "b": 2}]\n', 'unsupported-file', /JSON/],
    ['a JSON file over lines', '[\n  {"a": 1}\n]\n', 'unsupported-file', /JSON/],
    ['JSON, one per line', '{"a": 1, "b": 2}\n', 'unsupported-file', /JSON/],
    ['a bzip2 file', Buffer.from('BZh91AY'), 'unsupported-file', /bunzip2/],
    ['a Parquet file', Buffer.from('PAR1'), 'unsupported-file', /Parquet/],
    ['latin1', Buffer.from('a;b\n1;ö\n', 'latin1'), 'wrong-encoding', /offset 6/],
  ])('refuses %s', async (_, content, code, message) => {
    const refused = read(content);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });

  it.each(['nowhere.csv', '.'])('refuses %p, which does not exist or is not a file', async (name) => {
    const settings = { file: join(folder, name), encoding: 'utf-8', delimiter: undefined };
    const first = readCsv(settings, () => undefined).next();
    await expect(first).rejects.toMatchObject({ code: 'missing-file' });
  });
});
