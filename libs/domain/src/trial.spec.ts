import { NewerVersionError } from './errors';
import { FAMILIES, FIRST_FAMILY, checkFamily } from './trial';

describe('the family of a model', () => {
  it.each(FAMILIES)('is accepted: %s', (name) => expect(checkFamily(name)).toBe(name));

  it('is network if a release that knew only one family left it out', () => {
    expect(FIRST_FAMILY).toBe('network');
  });

  it.each(['xgboost', 'gradient-boosting-2'])('is of a later release if unknown: %s', (value) => {
    expect(() => checkFamily(value, 'manifest.json.family')).toThrow(
      new NewerVersionError('manifest.json.family', value, FAMILIES),
    );
  });

  it.each(['Network', '', null, 1, ['network']])('is refused if it is no name: %j', (value) => {
    expect(() => checkFamily(value, 'manifest.json.family')).toThrow(
      expect.objectContaining({
        code: 'unknown-family',
        refusal: {
          field: 'manifest.json.family',
          value,
          todo: 'use the name of a family: network',
        },
      }) as Error,
    );
  });
});
