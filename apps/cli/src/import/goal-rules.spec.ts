import { goalRequestOf, resolveGoals } from './goal-rules';

const header = ['Sold', 'state', 'a:b', 'a', 'x=y', '007'];

const resolved = (...texts: string[]) =>
  resolveGoals(header, texts.map(goalRequestOf)).map(({ name, column, values }) => ({
    name,
    column,
    values,
  }));

describe('goals of a file', () => {
  it.each([
    ['sale=Sold', 'sale', 'Sold', undefined],
    ['sale=sold', 'sale', 'Sold', undefined],
    ['sale= Sold ', 'sale', 'Sold', undefined],
    ['sale=state:paid', 'sale', 'state', ['paid']],
    ['sale=state:paid: cash', 'sale', 'state', ['paid: cash']],
    ['sale=state:', 'sale', 'state', ['']],
    ['sale=a:b', 'sale', 'a:b', undefined],
    ['sale=a:b:c', 'sale', 'a:b', ['c']],
    ['sale=a:c', 'sale', 'a', ['c']],
    ['sale=x=y', 'sale', 'x=y', undefined],
    ['sale=x=y:1', 'sale', 'x=y', ['1']],
    ['sale=007', 'sale', '007', undefined],
    ['sign-up=state:>50K', 'sign-up', 'state', ['>50K']],
  ])('%j', (text, name, column, values) => {
    expect(resolved(text)).toEqual([{ name, column, values }]);
  });

  it('are in the given order, with several values of one goal together', () => {
    expect(resolved('b=state:paid', 'a=Sold', 'b=state:sent')).toEqual([
      { name: 'b', column: 'state', values: ['paid', 'sent'] },
      { name: 'a', column: 'Sold', values: undefined },
    ]);
  });

  it.each([
    [['sale=nothing'], 'missing-column'],
    [['sale='], 'invalid-goal'],
    [['=Sold'], 'invalid-name'],
    [['My Sale=Sold'], 'invalid-name'],
    [['sale=Sold', 'sale=state:paid'], 'duplicate-goal'],
    [['sale=Sold', 'sale=Sold'], 'duplicate-goal'],
  ])('%j is refused: %s', (texts, code) => {
    expect(() => resolved(...texts)).toThrow(expect.objectContaining({ code }));
  });
});
