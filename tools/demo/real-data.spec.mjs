import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REAL_DATA, realDataIn } from './real-data.mjs';

describe('real data', () => {
  /** @type {string} */
  let folder;
  /** @type {string[]} */
  let said;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'real-data-'));
    said = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** @param {string} line */
  const say = (line) => said.push(line);

  it('is left out with instructions on how to get it if it is missing', () => {
    writeFileSync(join(folder, 'bank-full.csv.gz'), '');
    expect(realDataIn(folder, say).map(({ source, path }) => ({ source, path }))).toEqual([
      { source: 'bank', path: join(folder, 'bank-full.csv.gz') },
    ]);
    expect(said.join()).toMatch(/online_shoppers_intention\.csv .*--data DIR/);
  });

  it('is used without a message if it is present', () => {
    for (const { file } of REAL_DATA) writeFileSync(join(folder, file), '');
    expect(realDataIn(folder, say)).toHaveLength(REAL_DATA.length);
    expect(said).toEqual([]);
  });
});
