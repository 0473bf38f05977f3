import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { specCli } from '../spec-kit/spec-cli';

const RULES = `verdict: {minRocAuc: 0.6}
products:
  - {source: main, product: 7, checks: {shift: {severity: warn}}}
  - {source: other, verdict: {freshAfterDays: 7}}
`;

describe('factory rules', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factory-rules-'));
    file = join(folder, 'rules.yaml');
    writeFileSync(file, RULES);
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const cli = (env: Record<string, string> = {}) =>
    specCli({ SOURCES_FILE: join(folder, 'sources.yaml'), ...env });

  it('check says that a file is valid, and names every fault of one that is not', async () => {
    expect(await cli().run('rules', 'check', file)).toMatchObject({
      code: 0,
      stdout: `${file} is valid: 2 entries for products\n`,
    });
    writeFileSync(file, 'verdict: {minRocAuc: high}\nchecks: {falseStops: 2}');
    const { code, stderr } = await cli().run('rules', 'check', file);
    expect(code).toBe(2);
    expect(stderr).toContain('error (invalid-rules): verdict.minRocAuc = "high": give an AUC from 0 to 1');
    expect(stderr).toContain('checks.falseStops = 2: give a chance above 0 and of at most .2');
    const gone = await cli().run('rules', 'check', join(folder, 'none.yaml'));
    expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('(no-rules-file)')]);
  });

  it('check warns of entries that no source here has', async () => {
    writeFileSync(
      join(folder, 'sources.yaml'),
      `sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg, key: visit_id, missing: zero }]
`,
    );
    const { code, stderr } = await cli().run('rules', 'check', file);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('products.1.source = "other": no such source'),
    ]);
  });

  it('show tells the value of each rule and where it comes from', async () => {
    type Shown = { file: string | null; rules: { rule: string; value: unknown; from: string }[] };
    const show = async (env: Record<string, string>, ...args: string[]) => {
      const found = await cli(env).json<Shown>('rules', 'show', '--product', '7', '--goal', 'sale', ...args);
      return {
        file: found.file,
        ...Object.fromEntries(found.rules.map(({ rule, ...rest }) => [rule, rest])),
      };
    };
    expect(await show({ RULES_FILE: file })).toMatchObject({
      file,
      'verdict.minRocAuc': { value: 0.6, from: 'verdict' },
      'verdict.freshAfterDays': { value: 14, from: 'default' },
      'checks.shift.severity': { value: 'warn', from: 'products.0' },
    });
    expect(await show({}, '--file', file)).toMatchObject({ 'verdict.minRocAuc': { value: 0.6 } });
    expect(await show({})).toMatchObject({
      file: null,
      'verdict.minRocAuc': { value: 0.55, from: 'default' },
    });
    const { stdout } = await cli({ RULES_FILE: file }).run(
      'rules',
      'show',
      '--product',
      '7',
      '--goal',
      'sale',
    );
    expect(stdout).toMatch(/^main\/sale\/7: .*rules\.yaml\n/);
    expect(stdout).toMatch(/checks\.shift\.severity +warn +products\.0/);
  });
});
