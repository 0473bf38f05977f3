import { expandGrid } from '@factory/domain';
import { readTrial, sendTrial, sentTrialField } from './sent-trial';

const [trial] = expandGrid('quick');
const { settings } = trial!;

const faultsOf = (sent: unknown) =>
  sentTrialField.safeParse(sent).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a trial of a message', () => {
  it('is sent in the form that releases read that know networks only: settings next to the number', () => {
    expect(sendTrial(trial!)).toEqual({ trial: 1, ...settings });
  });

  it.each([
    ['of a release that knows networks only', { trial: 1, ...settings }],
    ['of a later release, which names the family', { trial: 1, family: 'network', settings }],
  ])('is read %s', (_form, sent) => {
    expect(readTrial(sentTrialField.parse(sent))).toEqual(trial);
  });

  it('is read back as it was sent, for every grid', () => {
    const grid = expandGrid('full', 7);
    expect(grid.map((one) => readTrial(sentTrialField.parse(sendTrial(one))))).toEqual(grid);
  });

  it('may have unknown fields, but not an unknown family', () => {
    const more = { encoding: 'standard' };
    expect(readTrial(sentTrialField.parse({ trial: 1, ...settings, ...more }))).toEqual(trial);
    const named = { trial: 1, family: 'network', settings: { ...settings, ...more }, ...more };
    expect(readTrial(sentTrialField.parse(named))).toEqual(trial);
    expect(faultsOf({ trial: 1, family: 'xgboost', settings: { maxDepth: 3 } })).toEqual([
      'family: use a family that this release trains: network',
    ]);
  });

  it('is refused at the wrong field, in either form', () => {
    expect(faultsOf({ trial: 1, ...settings, dropout1: 1 })).toEqual([expect.stringMatching(/^dropout1: /)]);
    expect(faultsOf({ trial: 1, family: 'network', settings: { ...settings, epochs: 0 } })).toEqual([
      expect.stringMatching(/^settings\.epochs: /),
    ]);
  });
});
