import { parseSources, type Population, type SourceDefinition } from '@factory/source';
import { checkCoverage, checkLeftOut } from './check-cut';

function source(features: string, cut = ''): SourceDefinition {
  const text = `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [${features}]
    ${cut}
`;
  const [found] = parseSources(text).values();
  if (!found) throw new RangeError('the text declares no source');
  return found;
}
const TIMED = '{ table: click, key: visit_id, time: at, missing: zero }';

describe('what a table covers', () => {
  test.each([
    ['nothing said', '{ table: agg, key: visit_id, missing: zero }', 'whole-visit', 'warn'],
    [
      'whole-visit',
      '{ table: agg, key: visit_id, missing: zero, covers: whole-visit }',
      'whole-visit',
      'warn',
    ],
    [
      'before-visit',
      '{ table: agg, key: visit_id, missing: zero, covers: before-visit }',
      'before-visit',
      'pass',
    ],
    ['a wide table', '{ table: visit, key: visit_id, missing: unknown }', 'whole-visit', 'warn'],
  ])('%s', (_, table, figure, result) => {
    const [line, ...more] = checkCoverage(source(table));
    expect(line).toMatchObject({ check: 'covers', figure, result });
    expect(line?.note === undefined).toBe(result === 'pass');
    expect(more).toEqual([]);
  });

  it('is checked for each table without event times', () => {
    const both = source(`${TIMED}, { table: agg, key: visit_id, missing: zero }`, 'observe: 60');
    expect(checkCoverage(both).map((one) => one.column)).toEqual(['agg']);
  });
});

describe('visits that are left out', () => {
  const observe = source(TIMED, 'observe: 60');
  const column = source(TIMED, 'cut: read_at');
  const population = (goals: number, others: number, early: number, noCut = 0, late = 0): Population => ({
    goals,
    others,
    leftOut: { goalBeforeCut: early, noCut, cutTooLate: late },
  });

  test.each([
    ['no cut: no check', observe, { goals: 5, others: 5 }, []],
    ['none', observe, population(80, 20, 0), ['goal-before-cut pass']],
    ['a fifth of the goals', observe, population(80, 20, 20), ['goal-before-cut pass']],
    ['more', observe, population(80, 20, 21), ['goal-before-cut warn']],
    ['all', observe, population(0, 0, 9), ['goal-before-cut fail']],
    ['no visit at all', observe, population(0, 0, 0), ['goal-before-cut pass']],
    [
      'every reason',
      column,
      population(9, 9, 9, 1, 1),
      ['goal-before-cut warn', 'no-cut warn', 'cut-too-late warn'],
    ],
    [
      'every cut empty',
      column,
      population(0, 0, 0, 7, 0),
      ['goal-before-cut pass', 'no-cut fail', 'cut-too-late pass'],
    ],
    [
      'every cut too late',
      column,
      population(0, 0, 0, 0, 7),
      ['goal-before-cut pass', 'no-cut pass', 'cut-too-late fail'],
    ],
  ])('%s', (_, definition, counted, lines) => {
    const found = checkLeftOut(definition, counted);
    expect(found.map(({ check, result }) => `${check} ${result}`)).toEqual(lines);
    for (const one of found) expect(one.note === undefined).toBe(one.result === 'pass');
  });
});
