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
): Promise<{ header: string[]; rows: string[][] }> {
  const file = join(folder, 'shop.csv');
  writeFileSync(file, content);
  let header: readonly string[] = [];
  const rows: string[][] = [];
  const settings = { file, encoding: 'utf-8', delimiter };
  for await (const row of readCsv(settings, (names) => (header = names))) {
    expect(row.number).toBe(rows.length + 1);
    rows.push([...row.values]);
  }
  return { header: [...header], rows };
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

  it('keeps delimiters, quotes and line ends inside of quotes', async () => {
    const { rows } = await read('"a;x",b\n"1,5","say ""hi""\nthere"\n', ',');
    expect(rows).toEqual([['1,5', 'say "hi"\nthere']]);
  });

  it('names a column without a name by its place, as pandas writes its index', async () => {
    expect((await read(',y\n0,no\n')).header).toEqual(['column_1', 'y']);
  });

  it.each([
    ['an empty file', '', 'empty-file', /header/],
    ['a file of white space', ' \n\n', 'empty-file', /header/],
    ['a ragged row, by its number', 'a;b\n1;2\n1;2;3\n', 'ragged-row', /row 2.*2 values/],
    ['a header of values', '58;management;no\n44;technician;no\n', 'no-header', /58/],
    ['a name that stands there twice', 'a;b;A\n1;2;3\n', 'duplicate-header', /"A"/],
    ['one column', 'a\n1\n', 'no-delimiter', /--delimiter/],
    ['a quote that is never closed', 'a;b\n1;"2\n3;4\n', 'broken-quotes', /quotes/],
    ['a quote in the middle', 'a;b\n1;2"3"\n', 'broken-quotes', /line 2/],
    ['half of a gzip file', gzipSync('a;b\n1;2\n').subarray(0, 20), 'broken-gzip', /again/],
    ['latin1', Buffer.from('a;b\n1;ö\n', 'latin1'), 'wrong-encoding', /offset 6/],
  ])('refuses %s', async (_, content, code, message) => {
    const refused = read(content);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses a file that is not there', async () => {
    const settings = { file: join(folder, 'nowhere.csv'), encoding: 'utf-8', delimiter: undefined };
    const first = readCsv(settings, () => undefined).next();
    await expect(first).rejects.toMatchObject({ code: 'missing-file' });
  });
});
