import { ARROW_CONTENT_TYPE, encodeDataset } from '@factory/dataset';
import type { Champion } from '@factory/ledger';
import {
  buildGoldenRows,
  buildPercentiles,
  decodeBundle,
  encodeBundle,
  parseReport,
  type BundleFile,
  type FeatureMoment,
} from '@factory/model';
import {
  putVerified,
  putVerifiedStream,
  S3ObjectStore,
  s3ConfigSchema,
  sha256Of,
  versionFileKey,
  type ObjectStore,
} from '@factory/object-store';
import { freshBucketPrefix } from '@factory/testing';
import { DEFAULT_RULES } from '@factory/judgement';
import { EvaluateCandidate } from './evaluate-candidate';
import { loadChampion } from './load-champion';
import {
  basketNetwork,
  dataset,
  judgedFrom,
  judgeHere,
  judgementInput,
  key,
  transformOf,
  window,
} from './spec-judgement';

const fresh = freshBucketPrefix('evaluator');
const storeAt = (more: object = {}): S3ObjectStore =>
  new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix, ...more }));
const store = storeAt();
const version = 'v0';
let files: Map<BundleFile, Buffer>;
let champion: Champion;

beforeAll(() => {
  // Ranks upside down: any comparison with it is won.
  const model = basketNetwork(-1, -2.3);
  const transform = transformOf();
  const percentiles = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
  const { report } = judgedFrom(judgementInput(), encodeDataset(dataset));
  const trainRows = Uint32Array.from({ length: 100 }, (_, row) => row);
  const columns = dataset.features;
  files = encodeBundle({
    model,
    transform,
    percentiles,
    golden: buildGoldenRows({ transform, model, percentiles, columns, trainRows, seed: 1 }),
    report,
    version,
    createdAt: report.createdAt,
    lineage: {
      ...key,
      run: report.run,
      window: { ...window, trainEnd: '2023-02-11T00:00:00.000Z' },
      sqlSha256: 'a'.repeat(64),
      datasetSha256: 'b'.repeat(64),
      codeVersion: 'spec',
      featureMoment: { cut: { observeSeconds: 60 }, tables: [] },
    },
  });
  champion = {
    ...key,
    version,
    location: 's3://somewhere',
    manifestSha256: sha256Of(files.get('manifest.json')!),
    run: report.run,
    metrics: {},
    since: new Date('2023-02-20T04:00:00Z'),
    previousVersion: null,
    epoch: 4,
    unreadable: [],
  };
});
beforeEach(async () => {
  for (const [file, body] of files) await put(file, body);
});
afterAll(async () => {
  store.close();
  await fresh.dispose();
});

function put(file: BundleFile, body: Uint8Array): Promise<void> {
  return store.put(versionFileKey(key, version, file), body, { contentType: 'application/octet-stream' });
}

async function changeByte(file: BundleFile): Promise<void> {
  const body = Buffer.from(files.get(file)!);
  body[body.length >> 1]! ^= 1;
  await put(file, body);
}

/** Evaluates a good challenger with what is on the store. */
async function evaluate(
  from: Pick<ObjectStore, 'get' | 'getStream'> = store,
  sampling: { readonly featureMoment?: FeatureMoment } = {},
) {
  const input = judgementInput();
  const put = (name: string, body: Uint8Array) =>
    putVerified(store, `runs/spec/${name}`, body, { contentType: 'application/octet-stream' });
  const evaluator = new EvaluateCandidate(
    from,
    judgeHere,
    DEFAULT_RULES,
    () => new Date('2023-02-20T05:00:00Z'),
  );
  const { report } = await evaluator.execute(
    {
      ...input,
      logistic: undefined,
      dataChecks: undefined,
      dataset: await put('dataset', encodeDataset(dataset)),
      samplingLedger: await put('dataset.json', Buffer.from(JSON.stringify({ queries: [], ...sampling }))),
      transform: await put('transform', input.transform),
      candidate: {
        ...input.candidate,
        weights: await put('weights', basketNetwork(1.5).encode()),
      },
      policy: { minOutOfTimeGoals: 100, repair: 'auto', repairGoals: 2_000 },
      champion,
    },
    (chunks) => putVerifiedStream(store, 'runs/spec/scores', chunks, { contentType: ARROW_CONTENT_TYPE }),
    new AbortController().signal,
  );
  return report;
}

describe('the champion of a comparison', () => {
  it('is waited for when it is of a family that a later release trains: no reason to promote another', async () => {
    const manifest = JSON.parse(files.get('manifest.json')!.toString()) as object;
    const body = Buffer.from(JSON.stringify({ ...manifest, schemaVersion: 2, family: 'xgboost' }));
    await put('manifest.json', body);
    await expect(
      loadChampion(store, key, { ...champion, manifestSha256: sha256Of(body) }),
    ).rejects.toMatchObject({ code: 'newer-version' });
  });

  it('is its bundle as it is on the store, with the time that it learned from', async () => {
    const loaded = await loadChampion(store, key, champion);
    expect(loaded).toMatchObject({
      champion: {
        version,
        manifestSha256: champion.manifestSha256,
        since: '2023-02-20T04:00:00.000Z',
        window: { start: window.start, trainEnd: '2023-02-11T00:00:00.000Z', end: window.end },
        transform: { outputs: transformOf().outputs },
        anchor: null,
      },
      warnings: [],
    });
    const report = await evaluate();
    expect(report).toMatchObject({
      createdAt: '2023-02-20T05:00:00.000Z',
      champion: { version },
      judging: { leftOut: 40 },
      verdict: { decision: 'promote', decisive: 'better', anchor: null },
      warnings: [],
    });
  });

  it('is traced back to the last version with proof, which its report names', async () => {
    const second = 'v1';
    const report = parseReport(JSON.parse(String(files.get('report.json'))));
    const anchor = { version, manifestSha256: champion.manifestSha256 };
    const { manifest, ...parts } = await decodeBundle((file) => Promise.resolve(files.get(file)!));
    const later = encodeBundle({
      ...parts,
      report: { ...report, verdict: { ...report.verdict, anchor } },
      ...{ version: second, createdAt: report.createdAt, lineage: manifest.lineage },
    });
    for (const [file, body] of later)
      await store.put(versionFileKey(key, second, file), body, { contentType: 'application/octet-stream' });
    const inForce = { ...champion, version: second, manifestSha256: sha256Of(later.get('manifest.json')!) };
    expect(await loadChampion(store, key, inForce)).toMatchObject({
      champion: { version: second, anchor: { version, manifestSha256: champion.manifestSha256 } },
      warnings: [],
    });
    await changeByte('weights.bin');
    expect(await loadChampion(store, key, inForce)).toMatchObject({
      champion: { version: second, anchor: null },
      warnings: [
        expect.stringMatching(/^anchor v0 cannot be read: weights\.bin has .*; the champion stands for it$/s),
      ],
    });
  });

  it('that reads features at another moment is compared with a warning, and whole visits are named', async () => {
    const tables = [
      { table: 'agg', covers: 'whole-visit' },
      { table: 'origin', covers: 'before-visit' },
    ];
    const featureMoment = { cut: { observeSeconds: 300 }, tables };
    const report = await evaluate(store, { featureMoment });
    expect(report.featureMoment).toEqual(featureMoment);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^table agg covers whole visits: its columns may hold what came after the goal/),
      expect.stringMatching(
        /^champion \S+ reads features 60 s after each visit's start, this model 300 s after/,
      ),
    ]);
    const same = await evaluate(store, { featureMoment: { cut: { observeSeconds: 60 }, tables: [] } });
    expect(same.warnings).toEqual([]);
  });

  test.each<BundleFile>(['manifest.json', 'model.json', 'weights.bin', 'transform.json', 'golden.json'])(
    'with one byte of %s changed counts as none: the challenger is promoted with a warning',
    async (file) => {
      await changeByte(file);
      const report = await evaluate();
      expect(report).toMatchObject({
        champion: null,
        judging: { leftOut: 0 },
        verdict: { decision: 'promote', decisive: 'no-champion' },
      });
      expect(report.warnings).toEqual([
        expect.stringMatching(new RegExp(`^champion v0 cannot be read: ${file} has sha256`)),
      ]);
    },
  );

  it('of a later release is waited for: a challenger never replaces it without a comparison', async () => {
    const manifest = Buffer.from(
      String(files.get('manifest.json')).replace('"schemaVersion":1', '"schemaVersion":99'),
    );
    await put('manifest.json', manifest);
    const later = { ...champion, manifestSha256: sha256Of(manifest) };
    await expect(loadChampion(store, key, later)).rejects.toMatchObject({ code: 'newer-version' });
  });

  it('with a file missing counts as none', async () => {
    await store.delete(versionFileKey(key, version, 'weights.bin'));
    expect(await loadChampion(store, key, champion)).toEqual({
      champion: null,
      warnings: [expect.stringMatching(/^champion v0 cannot be read: .*weights\.bin/)],
    });
  });

  it('whose manifest is another than the ledger says counts as none', async () => {
    expect(await loadChampion(store, key, { ...champion, manifestSha256: 'f'.repeat(64) })).toEqual({
      champion: null,
      warnings: [expect.stringContaining('manifest.json')],
    });
  });

  it('is waited for while the store is unavailable: no verdict without it', async () => {
    const away = storeAt({ endpoint: 'http://127.0.0.1:1' });
    await expect(loadChampion(away, key, champion)).rejects.toMatchObject({ code: 'store-away' });
    await expect(evaluate(away)).rejects.toMatchObject({ code: 'store-away' });
    away.close();
  });

  it('is not given up for keys that were changed under us: that is an operator’s fault to be told', async () => {
    const refused = storeAt({ secretAccessKey: 'wrong' });
    await expect(loadChampion(refused, key, champion)).rejects.toMatchObject({ code: 'store-access-denied' });
    refused.close();
  });
});
