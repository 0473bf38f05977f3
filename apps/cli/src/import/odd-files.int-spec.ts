import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import {
  freshShop,
  independentPython,
  mustSucceed,
  repositoryRoot,
  runProgram,
  type FreshDatabase,
} from '@factory/testing';
import { importCsv } from './import-csv';
import type { FileReport } from './profile-file';
import { ODD_FILES, type OddFile } from './spec-odd-files';

interface Seen {
  readonly columns: Readonly<Record<string, { readonly kind: string; readonly missing: number }>>;
  readonly labels: Readonly<Record<string, number>>;
}

/** What the import reads from a file, in the format of the other reader. */
function seenBy({ columns, goals }: FileReport): Seen {
  const folded = (value: string): string => {
    const text = value.trim().replaceAll(/\s+/g, ' ').toLowerCase();
    return /^[+-]?\d+(\.\d*)?$/.test(text) ? String(Number(text)) : text;
  };
  return {
    columns: Object.fromEntries(
      columns.map(({ name, kind, missing, doubt }) => [name, { kind: doubt ? 'unclear' : kind, missing }]),
    ),
    labels: Object.fromEntries(goals[0]!.labels.map(({ value, rows }) => [folded(value), rows])),
  };
}

describe('odd files, read by the import and by pandas', () => {
  const folder = mkdtempSync(join(tmpdir(), 'odd-files-'));
  const sourcesFile = join(folder, 'sources.yaml');
  const fileOf = (at: number) => join(folder, `${at}.csv`);
  let shop: FreshDatabase;
  let connection: Connection;
  let pandas: (Seen | { readonly error: string })[];

  beforeAll(async () => {
    shop = await freshShop();
    connection = await createConnection({ uri: shop.url });
    ODD_FILES.forEach(({ bytes }, at) => writeFileSync(fileOf(at), bytes));
    const cases = ODD_FILES.map(({ reading }, at) => ({ file: fileOf(at), ...reading }));
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    const script = join(repositoryRoot(), 'tools', 'independent-check', 'check_import.py');
    const said = await runProgram(independentPython(), [script, join(folder, 'cases.json')]);
    pandas = JSON.parse(mustSucceed(script, said)) as typeof pandas;
  }, 60_000);
  afterAll(async () => {
    await connection.end();
    await shop.dispose();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const table of await tables()) await connection.query('DROP TABLE ??', [table]);
    rmSync(sourcesFile, { force: true });
  });

  const tables = async (): Promise<string[]> => {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW TABLES');
    return rows.map((row) => String(Object.values(row)[0]));
  };

  it.each(ODD_FILES.map((one, at) => [one.name, one, at] as const))('%s', async (_, odd: OddFile, at) => {
    let report: FileReport | undefined;
    const outcome = await importCsv(
      {
        ...{ file: fileOf(at), source: 'odd', product: 1, connectionString: shop.url, sourcesFile },
        ...{ goalColumn: 'y', time: { none: true }, ...odd.options },
      },
      { onReport: (found) => (report = found) },
    ).catch((thrown: unknown) => thrown);
    const other = pandas[at]!;
    if (report) expect(seenBy(report)).toEqual(other);
    else expect('error' in other).toBe(!odd.readByOthers);
    if (odd.refused) {
      const [code, says] = odd.refused;
      expect(outcome).toMatchObject({ code, retryable: false });
      expect((outcome as Error).message).toMatch(says);
      expect(await tables()).toEqual([]);
      expect(existsSync(sourcesFile)).toBe(false);
    } else {
      expect(outcome).toMatchObject({
        source: 'odd',
        columns: report!.columns.map(({ name }) => ({ name })),
      });
      expect((await tables()).sort()).toEqual(['odd_feature', 'odd_goal', 'odd_product', 'odd_visit']);
    }
  });
});
