import type { RawRow } from '@factory/domain';
import { type ReadingRules, readCsv, openCsv } from '@factory/rows';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeImport } from '../import/import-options';
import { csvSettings, profileFile } from '../import/profile-file';
import { csvValue } from './row-writer';
import { scoreRows, type FileModel } from './score-rows';

const folder = mkdtempSync(join(tmpdir(), 'reading-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'visits.csv');

/** The values that the import would store for the columns `n` (numbers, the rest unknown) and `c` (categories). */
async function importedValues(rules: ReadingRules): Promise<unknown[][]> {
  const options = completeImport({
    ...{ file, source: 's', product: 1, connectionString: '', sourcesFile: '' },
    ...{ goalColumn: 'y', time: { none: true } },
    ...{ numbers: ['n'], restMissing: true, categories: ['c'] },
    ...{ decimal: rules.decimal, thousands: rules.thousands, missing: rules.missing },
  } as Parameters<typeof completeImport>[0]);
  const profile = await profileFile(options, () => undefined);
  const read = profile.reader();
  const values: unknown[][] = [];
  for await (const row of readCsv(csvSettings(options), () => undefined)) values.push([...read(row)!.values]);
  return values;
}

/** The values that a model of those columns gets when the file is scored. */
async function scoredValues(
  rules: ReadingRules,
  restMissing: readonly string[] = ['n'],
): Promise<unknown[][]> {
  const values: unknown[][] = [];
  const model: FileModel = {
    scorer: {
      score: (row: RawRow) => {
        values.push([row['n'], row['c']]);
        return { probability: 0.5, percentile: 50, logit: 0, unseen: [] };
      },
    },
    bundle: {
      transform: {
        rows: 1_000,
        features: [
          {
            ...{
              kind: 'number',
              column: 'n',
              median: 0,
              indicator: true,
              mean: 0,
              deviation: 1,
              trim: 'none',
            },
            clip: null,
          },
          { kind: 'category', column: 'c', levels: ['seen'], rest: [], other: false, indicator: true },
        ],
      },
    },
  } as FileModel;
  const visits = await openCsv(file);
  await scoreRows(
    visits,
    model,
    { rules: { ...rules, restMissing }, allowUnfit: true },
    { begin: () => undefined, row: () => undefined },
  );
  return values;
}

const number = fc.constantFrom(
  '1',
  '1.5',
  '1,5',
  '1.234,5',
  '1,234.5',
  '12 %',
  '$5',
  '007',
  '1e5',
  'Infinity',
  '0x1F',
  'many',
);
const mark = fc.constantFrom('', 'NA', '?', '-', 'None', '\\N', 'k. A.', ' null ');
const word = fc.constantFrom('red', ' green', 'Blue ', '1.50', '007', 'a;b', 'say "x"', 'constructor');
const cell = fc.oneof(number, mark, word);

it('scoring reads every cell of a file by the same rules as the import', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }),
      fc.record({
        decimal: fc.constantFrom('.' as const, ',' as const),
        thousands: fc.constantFrom(undefined, ' ' as const, "'" as const),
        missing: fc.constantFrom([], ['k. A.'], ['many', '1']),
      }),
      async (cells, rules) => {
        const lines = cells.map((one, at) => [...one, at % 2 === 0 ? 'yes' : 'no']);
        const body = [['n', 'c', 'y'], ...lines, ['2', 'red', 'no']].map((line) =>
          line.map((one) => csvValue(one, ';')),
        );
        writeFileSync(file, body.map((line) => `${line.join(';')}\n`).join(''));
        expect(await scoredValues(rules)).toEqual(await importedValues(rules));
      },
    ),
    { numRuns: 100 },
  );
}, 60_000);

it.each([
  ['1.5', ',' as const],
  ['0x1F', '.' as const],
  ['Infinity', '.' as const],
])('%j is not a number, as in the import', async (text, decimal) => {
  writeFileSync(file, `n;c;y\n${text};red;no\n`);
  expect(await scoredValues({ decimal }, [])).toEqual([[NaN, 'red']]);
});
