import { parseSources } from '@factory/source';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declareSource } from './declare-source';

const folder = mkdtempSync(join(tmpdir(), 'declare-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entry = (table: string) => ({
  connectionEnv: 'SOURCE_SHOP_URL',
  products: { table: 'product', id: 'id' },
  visits: { table, id: 'id', product: 'product_id', time: 'at' },
  defaultGoal: 'sale',
  goals: { sale: { table: 'sale', visit: 'visit_id', time: 'at' } },
  features: [{ table: 'agg', key: 'visit_id', missing: 'zero' }],
});

describe('declaring a source', () => {
  it('creates a missing file, in lines that people can edit', () => {
    const path = join(folder, 'new.yaml');
    expect(declareSource(path, 'shop', entry('visit'), false)).toBe('added');
    expect(parseSources(readFileSync(path, 'utf8')).get('shop')?.visits.table).toBe('visit');
    expect(readFileSync(path, 'utf8')).toContain('\n    connectionEnv: SOURCE_SHOP_URL\n');
  });

  it.each(['constructor', 'valueof', 'tostring'])(
    'adds one called %s, a name of an inherited property',
    (name) => {
      const path = join(folder, `${name}.yaml`);
      declareSource(path, 'shop', entry('visit'), false);
      expect(declareSource(path, name, entry('visit'), false)).toBe('added');
      expect([...parseSources(readFileSync(path, 'utf8')).keys()]).toEqual(['shop', name]);
    },
  );

  it('keeps comments and other sources', () => {
    const path = join(folder, 'kept.yaml');
    declareSource(path, 'first', entry('visit'), false);
    writeFileSync(path, `# ours\n${readFileSync(path, 'utf8')}`);
    expect(declareSource(path, 'second', entry('visit'), false)).toBe('added');
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^# ours\n/);
    expect([...parseSources(text).keys()]).toEqual(['first', 'second']);
  });

  it('replaces another entry of the same name only with `replace`', () => {
    const path = join(folder, 'other.yaml');
    declareSource(path, 'shop', entry('visit'), false);
    expect(declareSource(path, 'shop', entry('visit'), false)).toBe('unchanged');
    expect(() => declareSource(path, 'shop', entry('visits'), false)).toThrow('add --replace');
    expect(declareSource(path, 'shop', entry('visits'), true)).toBe('replaced');
  });

  it('does not change the file if the result would be invalid', () => {
    const path = join(folder, 'faulty.yaml');
    declareSource(path, 'shop', entry('visit'), false);
    const before = readFileSync(path, 'utf8');
    expect(() => declareSource(path, 'shop', { ...entry('visit'), defaultGoal: 'none' }, true)).toThrow(
      'defaultGoal',
    );
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
