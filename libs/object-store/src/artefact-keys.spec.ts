import { championKey, runFileKey, runPrefix, versionFileKey } from './artefact-keys';

const key = { source: 'main', goal: 'sale', product: 7 };

describe('where artefacts are (architecture, Data at rest)', () => {
  it('puts the file of a stage under its claim, so that a zombie does not overwrite it', () => {
    const claim = { run: 'r-1', stage: 'trials', shard: 3, token: 2 } as const;
    expect(runFileKey(claim, 'weights.bin')).toBe('runs/r-1/trials/3/2/weights.bin');
    expect(runFileKey({ ...claim, token: 3 }, 'weights.bin')).not.toBe(runFileKey(claim, 'weights.bin'));
    expect(runFileKey(claim, 'weights.bin').startsWith(runPrefix('r-1'))).toBe(true);
  });

  it('puts versions and the champion pointer under source, goal and product', () => {
    expect(versionFileKey(key, 'v12', 'model.json')).toBe('models/main/sale/7/v12/model.json');
    expect(championKey(key)).toBe('models/main/sale/7/champion.json');
  });
});
