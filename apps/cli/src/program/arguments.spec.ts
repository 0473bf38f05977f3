import { atLeast, grid, name, product, productOrAll, settings, until } from './arguments';

describe('arguments', () => {
  it.each(['-1', '1.5', 'seven', '', '0x7', '99999999999999999999'])('refuse %p as a product', (text) => {
    expect(() => productOrAll(text)).toThrow(expect.objectContaining({ code: 'invalid-product' }) as Error);
  });

  it('accept 0 as every product only where that is allowed', () => {
    expect([productOrAll('0'), productOrAll('7'), product('7')]).toEqual([0, 7, 7]);
    expect(() => product('0')).toThrow('give a positive whole number');
  });

  it('name the field, the value and what to do', () => {
    expect(() => name('source')('Shop DE')).toThrow('source = "Shop DE": use 1 to 40 characters');
    expect(() => grid('huge')).toThrow('grid = "huge": use one of quick, standard, full');
    expect(() => until('publishing')).toThrow(
      'until = "publishing": use one of sampling, training, evaluation',
    );
    expect(() => atLeast('limit', 1)('0')).toThrow('limit = "0": give a whole number from 1');
  });

  it('read settings as JSON if they are JSON, else as text; empty restores the default', () => {
    expect(
      settings([
        'grid=full',
        'epochs=20',
        'detrend=true',
        'pool=',
        'windowThresholds=[{"days":1,"sales":2}]',
      ]),
    ).toEqual({
      grid: 'full',
      epochs: 20,
      detrend: true,
      pool: null,
      windowThresholds: [{ days: 1, sales: 2 }],
    });
    expect(() => settings(['grid'])).toThrow('setting = "grid": write key=value');
  });
});
