import { decodeScores } from '@factory/dataset';
import { FactoryError, IntegrityError, MARKS, type ModelKey } from '@factory/domain';
import { BUNDLE_FILES, checkGoldenRows, loadScorer, percentileOf, type BundleFile } from '@factory/model';
import { putVerified, sha256Of } from '@factory/object-store';
import { Readable } from 'node:stream';
import { packBundle } from './pack-bundle';
import { workHere } from './spec-packing-work';
import { dataset, featureMoment, storeEvaluatedRun, window } from './spec-promoted-run';

const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };
const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';

/** Objects by key; what a pure function reads needs no server. */
class Objects {
  readonly byKey = new Map<string, Buffer>();

  put(name: string, body: Uint8Array | string): Promise<void> {
    this.byKey.set(name, Buffer.from(body as Uint8Array));
    return Promise.resolve();
  }

  get(name: string): Promise<Buffer> {
    const body = this.byKey.get(name);
    return body
      ? Promise.resolve(body)
      : Promise.reject(new FactoryError('object-not-found', `${name} is missing`, false));
  }

  async getStream(name: string): Promise<Readable> {
    return Readable.from([await this.get(name)]);
  }
}

async function evaluated() {
  const store = new Objects();
  return { store, ...(await storeEvaluatedRun(store, key, RUN)) };
}

describe('a packed bundle', () => {
  it('is the same version with the same bytes each time it is packed', async () => {
    const { store, pack } = await evaluated();
    const first = await packBundle(store, pack, workHere);
    const second = await packBundle(store, pack, workHere);
    expect(second.version).toBe(first.version);
    expect([...second.files.keys()]).toEqual([...first.files.keys()]);
    for (const [file, body] of first.files) expect(body.equals(second.files.get(file)!)).toBe(true);
  });

  it('says when its features were known, in manifest and card', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, pack, workHere);
    expect(JSON.parse(String(files.get('manifest.json')))).toMatchObject({ lineage: { featureMoment } });
    expect(String(files.get('card.md'))).toContain("Features were read 300 s after each visit's start");
  });

  it('is named by the time of its evaluation and its run, so that versions sort by time', async () => {
    const { store, pack } = await evaluated();
    expect((await packBundle(store, pack, workHere)).version).toBe('20230401T030000-0b8e3b0e');
    const again = await storeEvaluatedRun(store, key, RUN, undefined, 'again');
    expect((await packBundle(store, again.pack, workHere)).version).toBe('20230401T030007-0b8e3b0e');
  });

  it('of another run that was evaluated in the same second is another version', async () => {
    const { store, pack } = await evaluated();
    const other = await storeEvaluatedRun(store, key, '7c1f9d52-2a4e-5d1b-8c55-6a3f0b2ce222');
    const versions = [
      (await packBundle(store, pack, workHere)).version,
      (await packBundle(store, other.pack, workHere)).version,
    ];
    expect(versions).toEqual(['20230401T030000-0b8e3b0e', '20230401T030000-7c1f9d52']);
  });

  it('holds every file, the manifest last, with where it comes from', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, pack, workHere);
    expect([...files.keys()]).toEqual([...BUNDLE_FILES]);
    expect([...files.keys()].at(-1)).toBe('manifest.json');
    expect(JSON.parse(files.get('manifest.json')!.toString('utf8'))).toMatchObject({
      version: '20230401T030000-0b8e3b0e',
      lineage: { run: RUN, ...key, datasetSha256: pack.dataset.sha256, codeVersion: 'spec' },
    });
  });

  it('has the profile of the training window, the same bytes, and says what it was fitted on', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, pack, workHere);
    expect(sha256Of(files.get('profile.json')!)).toBe(pack.profile?.sha256);
    expect(JSON.parse(files.get('manifest.json')!.toString('utf8'))).toMatchObject({
      schemaVersion: 2,
      lineage: {
        fittedOn: {
          window: { start: window.start, trainEnd: window.trainEnd },
          marks: ['train', 'validation'],
        },
      },
    });
  });

  it('of a window that was chosen says what else was looked at: longer windows, and half a of the out-of-time rows', async () => {
    const { store, pack, report } = await evaluated();
    const short = { ...window, start: '2023-03-04T00:00:00.000Z', days: 21 };
    const compared = [short, window].map(({ start, days, sales }, at) => ({
      ...{ start, days, sales, trial: at + 1, byVolume: at === 1, chosen: at === 0 },
    }));
    const fittedOn = async (reason: 'fresher' | 'too-few-goals') => {
      const chosen = { ...report, window: short, windows: { reason, rows: 10, goals: 5, compared } };
      const ref = await putVerified(store, `report-${reason}.json`, JSON.stringify(chosen), {
        contentType: 'application/json',
      });
      const { files } = await packBundle(store, { ...pack, report: ref }, workHere);
      return (JSON.parse(String(files.get('manifest.json'))) as { lineage: unknown }).lineage;
    };
    const whole = {
      window: { start: window.start, trainEnd: window.trainEnd },
      marks: ['train', 'validation'],
    };
    expect(await fittedOn('fresher')).toMatchObject({
      window: { start: short.start, days: 21 },
      fittedOn: { ...whole, outOfTime: { start: window.trainEnd, end: window.end, half: 'a' } },
    });
    expect(await fittedOn('too-few-goals')).toMatchObject({
      window: { start: short.start },
      fittedOn: whole,
    });
  });

  it('of a run that was sampled by a release without profiles is one of schema 1', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, { ...pack, profile: undefined }, workHere);
    expect(files.has('profile.json')).toBe(false);
    const manifest = JSON.parse(files.get('manifest.json')!.toString('utf8')) as { lineage: object };
    expect(manifest).toMatchObject({ schemaVersion: 1 });
    expect(manifest.lineage).not.toHaveProperty('fittedOn');
  });

  it('scores as the evaluation did, prior shift and all, and ranks among the judging rows', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, pack, workHere);
    const { scorer, bundle } = await loadScorer((file: BundleFile) => Promise.resolve(files.get(file)!));
    const scores = decodeScores(await store.get(pack.scores.key));
    const rows = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
    const { logits } = scorer.scoreColumns(dataset.features, rows);
    logits.forEach((logit, row) => expect(logit).toBeCloseTo(scores.logits[row]!, 6));
    const judged = [...rows].filter((row) => dataset.marks[row] === MARKS.indexOf('test'));
    const best = Math.max(...judged.map((row) => scores.probabilities[row]!));
    expect(percentileOf(bundle.percentiles, best)).toBeGreaterThan(90);
    expect(percentileOf(bundle.percentiles, 0)).toBe(0);
  });

  it('has a repair in its own bits, and says what it was fitted on: golden rows, percentiles and scores agree', async () => {
    const store = new Objects();
    const interval = { estimate: 1.3, lower95: 1.2, upper95: 1.4, lower99: 1.1, upper99: 1.5 };
    const figures = { calibrationRatio: 1, calibrationSlope: 1, logLoss: 0.3 };
    const { pack } = await storeEvaluatedRun(store, key, RUN, undefined, '0', {
      looked: { rows: 90, goals: 30, ratio: interval, slope: interval },
      ...{ fitted: { slope: 0.7, bias: -0.3 }, reason: 'repaired', words: 'It was off.' },
      ...{ before: figures, after: figures },
    });
    const { files } = await packBundle(store, pack, workHere);
    const manifest = JSON.parse(files.get('manifest.json')!.toString('utf8')) as { lineage: object };
    expect(manifest).toMatchObject({
      ...{ appliedPriorShift: Math.log(0.1), appliedRepair: { slope: 0.7, bias: -0.3 } },
      lineage: {
        fittedOn: {
          ...{ window: { start: window.start, trainEnd: window.trainEnd }, marks: ['train', 'validation'] },
          outOfTime: { start: window.trainEnd, end: window.end, half: 'a' },
        },
      },
    });
    expect(String(files.get('card.md'))).toContain('## How its probabilities were repaired');
    const { scorer, bundle } = await loadScorer((file: BundleFile) => Promise.resolve(files.get(file)!));
    expect(checkGoldenRows(bundle.golden, (row) => scorer.score(row))).toEqual([]);
    const scores = decodeScores(await store.get(pack.scores.key));
    const { logits } = scorer.scoreColumns(dataset.features, Uint32Array.from(scores.logits.keys()));
    logits.forEach((logit, row) => expect(logit).toBeCloseTo(scores.logits[row]!, 6));
    const older = await storeEvaluatedRun(store, key, RUN);
    const unrepaired = await packBundle(store, older.pack, workHere);
    expect(JSON.parse(unrepaired.files.get('manifest.json')!.toString('utf8'))).not.toHaveProperty(
      'appliedRepair',
    );
    expect(unrepaired.files.get('weights.bin')!.equals(files.get('weights.bin')!)).toBe(false);
  });

  it('draws golden rows from train rows only', async () => {
    const { store, pack } = await evaluated();
    const { files } = await packBundle(store, pack, workHere);
    const golden = JSON.parse(files.get('golden.json')!.toString('utf8')) as {
      rows: { row: Record<string, number | string | null> }[];
    };
    const [basket] = dataset.features;
    const learned = new Set<unknown>();
    if (basket?.kind === 'number')
      basket.values.forEach((value, row) => {
        if (dataset.marks[row] === MARKS.indexOf('train')) learned.add(value);
      });
    expect(golden.rows).toHaveLength(64);
    for (const { row } of golden.rows) expect(learned).toContain(row['basket']);
  });

  it('is remembered by its judging figures', async () => {
    const { store, pack, report } = await evaluated();
    const { metrics } = await packBundle(store, pack, workHere);
    const { logLoss, rocAuc, prAuc, liftAt5, calibrationRatio } = report.metrics.judging!;
    expect(metrics).toEqual({ judgedOn: 'test', logLoss, rocAuc, prAuc, liftAt5, calibrationRatio });
  });

  test.each(['dataset', 'samplingLedger', 'transform', 'report', 'scores', 'profile'] as const)(
    'is refused when %s is not what its stage wrote',
    async (name) => {
      const { store, pack } = await evaluated();
      const body = store.byKey.get(pack[name]!.key)!;
      body[body.length >> 1]! ^= 1;
      await expect(packBundle(store, pack, workHere)).rejects.toBeInstanceOf(IntegrityError);
    },
  );
});
