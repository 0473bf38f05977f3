import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE } from './bundle';
import { sha256 } from './manifest';
import { loadScorer } from './scorer';

/** Written by the last release that knew only networks. */
const FOLDER = join(__dirname, 'fixtures', 'bundle-schema-1');
const read = (file: string): Promise<Buffer> => Promise.resolve(readFileSync(join(FOLDER, file)));

describe('a bundle of the releases that knew only networks', () => {
  it('is verified, loads and reproduces its golden rows, the same bits', async () => {
    const published = sha256(await read(MANIFEST_FILE));
    const { scorer, bundle } = await loadScorer(read, published);
    expect(bundle.golden.rows).toHaveLength(64);
    for (const { row, logit, probability, percentile } of bundle.golden.rows)
      expect(scorer.score(row)).toEqual({ logit, probability, percentile, unseen: [] });
  });

  it('is a network, and has its shift in the report only', async () => {
    const { manifest, model, report } = (await loadScorer(read)).bundle;
    expect(manifest).toMatchObject({ schemaVersion: 1, family: 'network' });
    expect(manifest.appliedPriorShift).toBeUndefined();
    expect(model.family).toBe('network');
    expect(report.candidate).toMatchObject({ trial: 3, priorShift: -2.5 });
    expect(report.candidate.family).toBeUndefined();
  });
});
