import { runIdOf } from './run';

const key = { source: 'shop-de', product: 7, goal: 'sale' };

describe('the id of a run', () => {
  it.each([
    // Python: uuid.uuid5(namespace, json.dumps([request, source, product, goal], separators=(',', ':'))).
    ['nightly-7', key, '8c7b6f3e-4fa7-5f7c-87f7-d8ad26454038'],
    [
      '2024-01-01T00:00:00Z:42',
      { source: 'main', product: 1, goal: 'sale' },
      'af391b51-44ab-55da-adb7-69723403fd23',
    ],
  ])('is the same as in all earlier versions: request %s', (request, of, id) => {
    expect(runIdOf(request, of)).toBe(id);
  });

  it('is the same however often a request is delivered', () => {
    expect(runIdOf('nightly-7', { ...key })).toBe(runIdOf('nightly-7', key));
  });

  it('differs by request, source, product and goal, and by the boundaries between them', () => {
    const ids = [
      runIdOf('nightly-7', key),
      runIdOf('nightly-8', key),
      runIdOf('nightly-7', { ...key, source: 'shop-at' }),
      runIdOf('nightly-7', { ...key, product: 8 }),
      runIdOf('nightly-7', { ...key, goal: 'signup' }),
      runIdOf('nightly-7","shop-de', { ...key, source: '' }),
      runIdOf('nightly-', { ...key, source: '7shop-de' }),
      runIdOf('nightly-7', { ...key, source: 'shop-de7', product: 0 }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
