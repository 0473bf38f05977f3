import { FAMILIES, FIRST_FAMILY, checkFamily } from './trial';

describe('the family of a model', () => {
  it.each(FAMILIES)('is accepted: %s', (name) => expect(checkFamily(name)).toBe(name));

  it('is network if a release that knew only one family left it out', () => {
    expect(FIRST_FAMILY).toBe('network');
  });

  it.each(['xgboost', 'Network', '', null, 1, ['network']])('is refused if unknown: %j', (value) => {
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
