import { NewerVersionError } from './errors';
import { FAMILIES, FIRST_FAMILY, SCORED_FAMILIES, checkFamily, checkScoredFamily } from './trial';

describe('the family of a model that is read', () => {
  it.each(SCORED_FAMILIES)('is accepted: %s', (name) => expect(checkScoredFamily(name)).toBe(name));

  it('is of a later release if unknown', () => {
    expect(() => checkScoredFamily('xgboost', 'manifest.json.family')).toThrow(
      new NewerVersionError('manifest.json.family', 'xgboost', SCORED_FAMILIES),
    );
  });
});

describe('the family of a trial', () => {
  it.each(FAMILIES)('is accepted: %s', (name) => expect(checkFamily(name)).toBe(name));

  it('is network if a release that knew only one family left it out', () => {
    expect(FIRST_FAMILY).toBe('network');
  });

  it.each(['xgboost', 'gradient-boosting-2', 'logistic'])('is of a later release if unknown: %s', (value) => {
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
