import { DEFAULT_POLICY, POLICY_FIELDS } from '@factory/domain';
import { policyTables } from './policy-tables.mjs';
import { readConstant } from './read-constant.mjs';
import { regionFaults, withRegions } from './regions.mjs';

const PAGE = 'before\n<!-- a:begin -->\nold\n<!-- a:end -->\nafter\n';

describe('tables that are generated from the code', () => {
  it('replace the text between their markers, and nothing else', () => {
    const page = withRegions(PAGE, { a: '| new |', b: '| elsewhere |' });
    expect(page).toBe('before\n<!-- a:begin -->\n\n| new |\n\n<!-- a:end -->\nafter\n');
    expect(withRegions(page, { a: '| new |' })).toBe(page);
    expect(() => withRegions('<!-- a:end --><!-- a:begin -->', { a: '' })).toThrow(/not a pair/);
  });

  it('have one place each, and each place has a table', () => {
    expect(regionFaults([PAGE], { a: '' })).toEqual([]);
    expect(regionFaults([PAGE], { b: '' })).toEqual([
      'no page has the markers of b',
      'no table is generated for a',
    ]);
  });

  it('list every setting once, with its default', () => {
    const rows = Object.values(policyTables(POLICY_FIELDS)).flatMap((one) => one.split('\n').slice(2));
    expect(rows).toHaveLength(Object.keys(DEFAULT_POLICY).length);
    const row = rows.find((one) => one.startsWith('| `outOfTimeDays` |'));
    expect(row).toContain(`| \`${DEFAULT_POLICY.outOfTimeDays}\` | days |`);
  });

  it('are refused if a setting is missing, or one is listed that no longer exists', () => {
    const { pool, ...others } = POLICY_FIELDS;
    expect(() => policyTables({ ...POLICY_FIELDS, another: pool })).toThrow(/another: name the rule/);
    expect(() => policyTables(others)).toThrow(/no setting pool any more/);
  });

  it('contain constants as the code computes them', () => {
    expect(readConstant('libs/domain/src/columns.ts', 'MARK_LIMITS')).toEqual({
      test: 0.2,
      validation: 0.36,
    });
    expect(readConstant('libs/domain/src/names.ts', 'NAME_PATTERN')).toBe('/^[a-z0-9-]{1,40}$/');
    expect(readConstant('libs/messaging/src/settlement.ts', 'RETRY_DELAYS_MS')).toEqual([
      1_000, 2_000, 5_000, 10_000, 15_000,
    ]);
    expect(() => readConstant('libs/domain/src/names.ts', 'NO_SUCH')).toThrow(/has no constant NO_SUCH/);
  });
});
