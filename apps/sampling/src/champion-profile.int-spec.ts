import type { ArtefactRef } from '@factory/contracts';
import { encodeDataset } from '@factory/dataset';
import { MARKS, type Dataset, type ModelKey } from '@factory/domain';
import { passesOf, profileDataset } from '@factory/judgement';
import type { NewChampion } from '@factory/ledger';
import { putVerified, S3ObjectStore, s3ConfigSchema, sha256Of, versionFileKey } from '@factory/object-store';
import { specBundle } from '@factory/registry/spec-bundle';
import { simulateSeries } from '@factory/simulator';
import { compileForSpecs, freshBucketPrefix } from '@factory/testing';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ChampionProfiles } from './champion-profile';
import { DatasetThreads } from './dataset-threads';

const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };
const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const fresh = freshBucketPrefix('champion-profile');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
const file = compileForSpecs(join(__dirname, 'dataset.worker.ts'));
const threads = new DatasetThreads(file);
const dataset: Dataset = simulateSeries({
  ...{ seed: 5, startMs: Date.UTC(2023, 0, 1), days: 20, visitsADay: 4_000, baseRate: 0.05 },
});

let versions = 0;
let champion: NewChampion | undefined;
let outputs: Record<string, unknown>;
const profileOf = () =>
  new ChampionProfiles(
    { find: () => Promise.resolve(champion as never) },
    { output: () => Promise.resolve(outputs) },
    store,
    threads,
  ).profileOf(key);

/** Puts a bundle in force. @param from the dataset that its lineage names */
async function publish(from: Pick<ArtefactRef, 'sha256'>, withProfile: boolean): Promise<void> {
  const version = `v${++versions}`;
  const { files } = specBundle(key, version, RUN, -1, { datasetSha256: from.sha256, withProfile });
  for (const [name, body] of files)
    await store.put(versionFileKey(key, version, name), body, { contentType: 'application/octet-stream' });
  const manifestSha256 = sha256Of(files.get('manifest.json')!);
  champion = { ...key, version, location: '', manifestSha256, run: RUN, metrics: {} };
}

let stored: ArtefactRef;
beforeAll(async () => {
  stored = await putVerified(store, 'dataset.arrow', encodeDataset(dataset), {
    contentType: 'application/octet-stream',
  });
});
beforeEach(() => {
  champion = undefined;
  outputs = { dataset: stored };
});
afterAll(async () => {
  await threads.onApplicationShutdown();
  rmSync(file);
  store.close();
  await fresh.dispose();
});

describe("the champion's profile", () => {
  it('is nothing to speak of for a first model', async () => {
    expect(await profileOf()).toEqual({ profile: undefined, why: undefined });
  });

  it('is that of its bundle', async () => {
    await publish(stored, true);
    expect(await profileOf()).toMatchObject({ version: champion?.version, from: 'bundle' });
  });

  it('is made again from the dataset of its run where the bundle has none', async () => {
    await publish(stored, false);
    const end = Date.parse('2023-04-01');
    expect(dataset.marks.some((mark) => mark === MARKS.indexOf('test'))).toBe(true);
    // More than one batch of rows, through a pipe, on a thread.
    expect(dataset.rows).toBeGreaterThan(65_536);
    expect(await profileOf()).toEqual({
      version: champion?.version,
      from: 'dataset',
      profile: profileDataset(passesOf(dataset), { marks: ['train', 'validation'], end }),
    });
  });

  it.each([
    ['gone', () => (outputs = { dataset: { ...stored, key: 'gone' } }), /cannot be read.*gone/],
    ['not recorded', () => (outputs = {}), /nothing is recorded/],
    [
      'another one',
      () => (outputs = { dataset: { ...stored, sha256: 'c'.repeat(64) } }),
      /nothing is recorded/,
    ],
  ])('is not known if the dataset is %s: the run goes on, and says so', async (_what, lose, why) => {
    await publish(stored, false);
    lose();
    expect(await profileOf()).toEqual({ profile: undefined, why: expect.stringMatching(why) as string });
  });

  it('is not known if its dataset was damaged', async () => {
    const bytes = Buffer.from(await store.get(stored.key, stored.bytes));
    bytes[bytes.length >> 1]! ^= 1;
    await store.put('damaged.arrow', bytes, { contentType: 'application/octet-stream' });
    outputs = { dataset: { ...stored, key: 'damaged.arrow' } };
    await publish(stored, false);
    expect(await profileOf()).toMatchObject({
      why: expect.stringMatching(/damaged\.arrow has sha256/) as string,
    });
  });

  it.each(['manifest.json', 'profile.json'] as const)('is not known if %s was damaged', async (name) => {
    await publish(stored, true);
    await store.put(versionFileKey(key, champion?.version ?? '', name), '{}', { contentType: 'text/plain' });
    expect(await profileOf()).toMatchObject({
      why: expect.stringMatching(`its bundle cannot be read.*${name}`) as string,
    });
  });
});
