import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_CODES, CHECK_RULES, LIMIT_UNITS } from '../checks/check-rules';
import { DEFAULT_VERDICT_RULES, VERDICT_RULE_NAMES } from '../verdict/verdict-rules';
import { parseJudgementRules } from './parse-rules';
import { DEFAULT_RULES, explainRules, rulesFor } from './rules-for';

const FIXTURES = join(__dirname, 'fixtures');
const REFUSED = readdirSync(join(FIXTURES, 'refused'));
const complete = parseJudgementRules(readFileSync(join(FIXTURES, 'complete.yaml'), 'utf8'));
const rulesOf = (product: number, goal = 'sale', source = 'main') =>
  rulesFor(complete, { source, product, goal });

describe('rules that are refused', () => {
  it.each(REFUSED)('%s: each fault with field, value and what to do, as its comments say', (name) => {
    const text = readFileSync(join(FIXTURES, 'refused', name), 'utf8');
    const said = text.split('\n').flatMap((line) => (line.startsWith('# ') ? [line.slice(2)] : []));
    expect(() => parseJudgementRules(text)).toThrow(
      expect.objectContaining({ code: 'invalid-rules', message: said.join('\n') }) as Error,
    );
  });

  it('are there for every rule of the verdict, and for limits of every unit', () => {
    const named = REFUSED.map((name) => name.replace('.yaml', ''));
    expect(VERDICT_RULE_NAMES.filter((name) => !named.includes(`verdict-${name}`))).toEqual([]);
    const units = CHECK_CODES.filter((code) => named.includes(`checks-${code}`)).map(
      (code) => CHECK_RULES[code].unit,
    );
    expect(new Set(units)).toEqual(new Set(Object.keys(LIMIT_UNITS)));
  });

  it('name the file if it cannot be read as YAML, also for a key that stands there twice', () => {
    expect(() => parseJudgementRules('a: [', 'mine.yaml')).toThrow(/mine\.yaml = .*: correct the YAML/s);
    expect(() => parseJudgementRules('checks: {}\nchecks: {}')).toThrow(/correct the YAML/);
  });
});

describe('rules', () => {
  it.each(['', '# nothing', '{}', 'products: []'])('are the defaults where nothing is said: %j', (text) => {
    const key = { source: 'main', product: 1, goal: 'sale' };
    expect(rulesFor(parseJudgementRules(text), key)).toEqual({
      verdict: DEFAULT_VERDICT_RULES,
      checks: {
        falseStops: 0.01,
        checks: Object.fromEntries(
          CHECK_CODES.map((code) => [
            code,
            { severity: CHECK_RULES[code].severity, limit: CHECK_RULES[code].limit },
          ]),
        ),
      },
    });
    expect(DEFAULT_RULES.for(key).verdict).toMatchObject({
      minRocAuc: 0.55,
      suspectRocAuc: 0.999,
      calibrationRatio: { from: 0.8, to: 1.25 },
      nonInferiority: 0.005,
      freshAfterDays: 14,
      staleAfter: 2,
      profit: undefined,
    });
  });

  it('have defaults within the limits of their units', () => {
    for (const code of CHECK_CODES) {
      const { limit, unit } = CHECK_RULES[code];
      expect(limit).toBeGreaterThanOrEqual(LIMIT_UNITS[unit].from);
      expect(limit).toBeLessThanOrEqual(LIMIT_UNITS[unit].to);
    }
  });

  it('of another source are those of the head of the file', () => {
    const { verdict, checks } = rulesOf(7, 'sale', 'other');
    expect(verdict).toMatchObject({ minRocAuc: 0.6, freshAfterDays: 21, profit: { capacity: 0.2 } });
    expect(checks.falseStops).toBe(0.005);
    expect(checks.checks.shift).toEqual({ severity: 'stop', limit: 0.7 });
    expect(checks.checks['label-flip']).toEqual({ severity: 'off', limit: -0.8 });
    expect(checks.checks['rows-low']).toEqual({ severity: 'stop', limit: 0.67 });
  });

  it('of a product: the more specific entry wins wherever it stands, limit by limit', () => {
    expect(rulesOf(7).verdict).toMatchObject({ freshAfterDays: 7, minRocAuc: 0.65 });
    expect(rulesOf(8).verdict).toMatchObject({ freshAfterDays: 28, minRocAuc: 0.65 });
    expect(rulesOf(7).checks.checks.shift).toEqual({ severity: 'warn', limit: 0.7 });
    expect(rulesOf(7, 'signup').verdict.profit).toEqual({ goalValue: 5, contactCost: 0.1, capacity: 1 });
    expect([rulesOf(7, 'signup').checks.falseStops, rulesOf(8, 'signup').checks.falseStops]).toEqual([
      0.02, 0.005,
    ]);
  });

  it('of two entries for the same: the later wins; of product and goal: the product', () => {
    const entry = (who: string, days: number) => `  - {${who}, verdict: {freshAfterDays: ${days}}}\n`;
    const daysOf = (text: string) =>
      rulesFor(parseJudgementRules(`products:\n${text}`), { source: 'main', product: 7, goal: 'sale' })
        .verdict.freshAfterDays;
    expect(daysOf(entry('source: main', 3) + entry('source: main', 4))).toBe(4);
    expect(daysOf(entry('source: main, product: 7', 3) + entry('source: main, goal: sale', 4))).toBe(3);
    expect(daysOf(entry('source: main, goal: sale', 4) + entry('source: main, product: 7', 3))).toBe(3);
  });

  it('can be explained: each limit with the entry that it comes from', () => {
    const explained = new Map(
      explainRules(complete, { source: 'main', product: 7, goal: 'signup' }).map((one) => [one.rule, one]),
    );
    expect(explained.get('verdict.freshAfterDays')).toMatchObject({ value: 7, from: 'products.0' });
    expect(explained.get('verdict.minRocAuc')).toMatchObject({ value: 0.65, from: 'products.1' });
    expect(explained.get('verdict.profit')).toMatchObject({ from: 'products.2' });
    expect(explained.get('verdict.maxBytes')).toMatchObject({ value: 20_000_000, from: 'verdict' });
    expect(explained.get('checks.falseStops')).toMatchObject({ value: 0.02, from: 'products.3' });
    expect(explained.get('checks.shift.severity')).toMatchObject({ value: 'warn', from: 'products.1' });
    expect(explained.get('checks.shift.limit')).toMatchObject({ value: 0.7, from: 'checks' });
    expect(explained.get('checks.rows-low.limit')).toMatchObject({ value: 0.67, from: 'default' });
    expect(explained.size).toBe(VERDICT_RULE_NAMES.length + 1 + 2 * CHECK_CODES.length);
  });
});
