import { missingTest } from '@factory/rows';
import { SourceAccess, SourcesFile } from '@factory/source';
import { CLASHING_NAMES, NASTY_NAMES, freshShop, type FreshDatabase } from '@factory/testing';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvValue } from '../score/row-writer';
import { importCsv, type ImportResult } from './import-csv';

const usable = NASTY_NAMES.filter(({ refusedAs }) => refusedAs === undefined).map(({ name }) => name);

/** A CSV file of these columns: a time, a goal, and in each row a value of each column. */
function csvOf(
  columns: readonly string[],
  rows: number,
  value: (column: number, row: number) => string,
): string {
  const line = (values: readonly string[]) => values.map((one) => csvValue(one, ',')).join(',');
  const lines = Array.from({ length: rows }, (_, row) => [
    `2024-01-${String((row % 28) + 1).padStart(2, '0')}`,
    row % 3 === 0 ? 'yes' : 'no',
    ...columns.map((_, column) => value(column, row)),
  ]);
  return `${[['t', 'goal', ...columns], ...lines].map(line).join('\n')}\n`;
}

describe('unusual names in an imported file', () => {
  let shop: FreshDatabase;
  let connection: Connection;
  let folder: string;

  beforeAll(async () => {
    shop = await freshShop();
    connection = await createConnection({ uri: shop.url });
    folder = mkdtempSync(join(tmpdir(), 'nasty-names-'));
  });
  afterAll(async () => {
    await connection.end();
    await shop.dispose();
    rmSync(folder, { recursive: true });
  });

  const load = (source: string, text: string, product = 1): Promise<ImportResult> => {
    const file = join(folder, `${source}.csv`);
    writeFileSync(file, text);
    return importCsv({
      file,
      source,
      product,
      connectionString: shop.url,
      sourcesFile: join(folder, 'sources.yaml'),
      goalColumn: 'goal',
      time: { column: 't' },
    });
  };
  /** Values by row, as sampling reads them. */
  const stored = (source: string, product: number, rows: number): Promise<unknown[][]> => {
    const access = new SourceAccess(SourcesFile.load(join(folder, 'sources.yaml')), {
      variable: () => shop.url,
    });
    return access.read(source, (reader) =>
      reader.snapshot('goal', async (snapshot) => {
        await snapshot.keep(Array.from({ length: rows }, (_, row) => `${product}-${row + 1}`));
        const columns = await snapshot.readFeatures();
        return Array.from({ length: rows }, (_, row) =>
          columns.map((one) => (one.kind === 'number' ? one.values[row] : one.levels[one.codes[row]!])),
        );
      }),
    );
  };

  it('are columns like any other, each with its own values, also with other products in the source', async () => {
    const value = (column: number, row: number) => String(100 * column + row);
    const text = csvOf(usable, 3, value);
    const { columns } = await load('columns', text);
    const features = columns.filter(({ role }) => role === 'feature');
    expect(features.map(({ name, kind }) => ({ name, kind }))).toEqual(
      usable.map((name) => ({ name, kind: 'number' })),
    );
    const expected = [0, 1, 2].map((row) => usable.map((_, column) => 100 * column + row));
    expect(await stored('columns', 1, 3)).toEqual(expected);
    await load('columns', text, 2);
    for (const product of [1, 2]) expect(await stored('columns', product, 3)).toEqual(expected);
  });

  it('are levels like any other', async () => {
    const levels = NASTY_NAMES.map(({ name }) => name);
    await load(
      'levels',
      csvOf(['word', 'n'], levels.length, (column, row) => (column === 0 ? levels[row]! : '1')),
    );
    const { isMissing } = missingTest([], () => undefined);
    expect((await stored('levels', 1, levels.length)).map(([word]) => word)).toEqual(
      levels.map((level) => (isMissing(level) ? undefined : level)),
    );
  });

  it.each(NASTY_NAMES.filter(({ refusedAs }) => refusedAs !== undefined))(
    'are refused before anything is written: $name ($refusedAs)',
    async ({ name, refusedAs }) => {
      await expect(
        load(
          'refused',
          csvOf([name, 'n'], 2, () => '1'),
        ),
      ).rejects.toMatchObject({ code: refusedAs });
      const [tables] = await connection.query<RowDataPacket[]>("SHOW TABLES LIKE 'refused%'");
      expect(tables).toEqual([]);
    },
  );

  it.each(CLASHING_NAMES)('are refused together: %j (%s)', async (names, code) => {
    const text = csvOf(names, 2, () => '1');
    await expect(load('clashing', text)).rejects.toMatchObject({ code });
  });
});
