import { FAMILIES, FIRST_FAMILY, checkFamily } from './trial';

describe('the family of a model', () => {
  it.each(FAMILIES)('is taken as it is: %s', (name) => expect(checkFamily(name)).toBe(name));

  it('is the network where a release that knew one family left it out', () => {
    expect(FIRST_FAMILY).toBe('network');
  });

  it.each(['xgboost', 'Network', '', null, 1, ['network']])('is refused if it is not known: %j', (value) => {
    expect(() => checkFamily(value, 'manifest.json.family')).toThrow(
      expect.objectContaining({
        code: 'unknown-family',
        refusal: {
          field: 'manifest.json.family',
          value,
          todo: 'upgrade what reads it: this release knows network',
        },
      }) as Error,
    );
  });
});
