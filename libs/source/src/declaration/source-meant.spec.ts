import { sourceMeant } from './source-meant';

describe('the source that is meant', () => {
  it.each([
    ['the one that is named', ['shop-de', 'main'], 'shop-de', 'shop-de'],
    ['the one that is named, though nothing declares it', ['main'], 'other', 'other'],
    ['the only one', ['shop-de'], undefined, 'shop-de'],
    ['main among several', ['shop-de', 'shop-at'], undefined, 'main'],
    ['main where none is declared', [], undefined, 'main'],
  ])('is %s', (_, declared, named, meant) => {
    expect(sourceMeant(declared, named)).toBe(meant);
  });
});
