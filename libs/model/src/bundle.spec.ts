import { IntegrityError } from '@factory/domain';
import { applyTransform } from '@factory/normalisation';
import {
  BUNDLE_FILES,
  type BundleFile,
  MANIFEST_FILE,
  decodeBundle,
  encodeBundle,
  readBundleProfile,
} from './bundle';
import { GoldenRowsError, buildGoldenRows, checkGoldenRows } from './golden-rows';
import { buildManifest, sha256 } from './manifest';
import { NetworkModel } from './network/network-model';
import { Scorer, loadScorer } from './scorer';
import { columns, logitsOf, modelParts, randomNetwork, rows } from './spec-model';

const parts = modelParts();
const about = { ...parts, family: 'network', appliedPriorShift: parts.report.candidate.priorShift };
const files = encodeBundle(parts);
const readFrom =
  (from: ReadonlyMap<BundleFile, Buffer>) =>
  (file: BundleFile): Promise<Buffer> =>
    Promise.resolve(Buffer.from(from.get(file) ?? ''));

/** The bundle with one file's text changed; with `signed`, the manifest is updated to match. */
function changed(
  file: BundleFile,
  change: (text: string) => string,
  signed: boolean,
): Map<BundleFile, Buffer> {
  const copy = new Map(files);
  copy.set(file, Buffer.from(change(files.get(file)!.toString('latin1')), 'latin1'));
  if (!signed) return copy;
  copy.delete(MANIFEST_FILE);
  return copy.set(MANIFEST_FILE, Buffer.from(JSON.stringify(buildManifest(copy, about))));
}

describe('a bundle', () => {
  it('names its files in writing order, the manifest last', () => {
    expect([...files.keys()]).toEqual([...BUNDLE_FILES]);
    expect([...files.keys()].at(-1)).toBe('manifest.json');
  });

  it('returns the parts that were packed', async () => {
    const { manifest, card, ...decoded } = await decodeBundle(readFrom(files));
    const { model, transform, percentiles, golden, report, profile } = decoded;
    expect(card).toMatch(/^# main product 7/);
    expect({ model, transform, percentiles, golden, report, profile }).toEqual({
      model: parts.model,
      transform: parts.transform,
      percentiles: parts.percentiles,
      golden: parts.golden,
      report: parts.report,
      profile: parts.profile,
    });
    expect(manifest).toMatchObject({ version: 'v1', lineage: parts.lineage });
  });

  it('lists sha256 and size of every other file', () => {
    const manifest = JSON.parse(files.get(MANIFEST_FILE)!.toString()) as ReturnType<typeof buildManifest>;
    expect(manifest.files.map(({ name }) => name)).toEqual(BUNDLE_FILES.slice(0, -1));
    for (const { name, sha256: hash, bytes } of manifest.files) {
      const content = files.get(name as BundleFile)!;
      expect([hash, bytes]).toEqual([sha256(content), content.length]);
    }
  });

  it('is the same bytes for the same model', () => {
    expect(encodeBundle(modelParts())).toEqual(files);
  });

  it.each(BUNDLE_FILES.slice(0, -1))('is refused if a byte of %s has changed', async (file) => {
    const flip = (text: string) => `${text.slice(0, -2)}~${text.slice(-1)}`;
    await expect(decodeBundle(readFrom(changed(file, flip, false)))).rejects.toThrow(IntegrityError);
  });

  it('is refused if the manifest is not the published one', async () => {
    const published = sha256(files.get(MANIFEST_FILE)!);
    await expect(decodeBundle(readFrom(files), published)).resolves.toBeDefined();
    const other = changed('card.md', (text) => `${text}!`, true);
    await expect(decodeBundle(readFrom(other), published)).rejects.toThrow(/manifest.json has sha256/);
  });

  it.each(['model.json', 'transform.json', 'percentiles.json', 'golden.json', 'report.json'] as const)(
    'is refused when %s follows another schema version',
    async (file) => {
      const known = file === 'report.json' ? 2 : 1;
      const newer = (text: string) =>
        text.replace(`"schemaVersion":${known}`, `"schemaVersion":${known + 1}`);
      await expect(decodeBundle(readFrom(changed(file, newer, true)))).rejects.toThrow(
        new RegExp(`${file}.schemaVersion = ${known + 1}: read it with the release that wrote it`),
      );
    },
  );

  it('is refused if the manifest has another version, lists too few files, or is not JSON', async () => {
    const manifest = (change: (text: string) => string) =>
      decodeBundle(readFrom(changed(MANIFEST_FILE, change, false)));
    await expect(manifest((text) => text.replace('"schemaVersion":2', '"schemaVersion":3'))).rejects.toThrow(
      /manifest.json.schemaVersion = 3: .* reads up to version 2/,
    );
    await expect(manifest((text) => text.replace('golden.json', 'silver.json'))).rejects.toThrow(
      /golden.json is missing/,
    );
    await expect(manifest(() => '<Error/>')).rejects.toThrow(/it is not JSON/);
  });

  it('states the shift that is already in its scores: adding it once more fails the golden rows', async () => {
    const { manifest, model, transform, golden } = await decodeBundle(readFrom(files));
    expect(manifest).toMatchObject({ family: 'network', appliedPriorShift: -2.5 });
    const failures = (by: number) => {
      const scorer = new Scorer({ ...parts, transform, model: model.shifted(by) });
      return checkGoldenRows(golden, (row) => scorer.score(row));
    };
    expect(failures(0)).toEqual([]);
    expect(failures(manifest.appliedPriorShift!).filter(({ figure }) => figure === 'logit')).toHaveLength(64);
  });

  it('without a profile is written in the schema of releases that have none', async () => {
    const plain = encodeBundle({ ...parts, profile: undefined });
    expect([...plain.keys()]).toEqual(BUNDLE_FILES.filter((file) => file !== 'profile.json'));
    const { manifest, profile } = await decodeBundle(readFrom(plain));
    expect(manifest).toMatchObject({ schemaVersion: 1, family: 'network', appliedPriorShift: -2.5 });
    expect(profile).toBeUndefined();
    expect(await readBundleProfile(readFrom(plain))).toMatchObject({ profile: undefined });
  });

  it('gives its profile alone, read from nothing but manifest and profile', async () => {
    const few = new Map([...files].filter(([file]) => file === MANIFEST_FILE || file === 'profile.json'));
    const { manifest, profile } = await readBundleProfile(readFrom(few), sha256(files.get(MANIFEST_FILE)!));
    expect(manifest).toMatchObject({ schemaVersion: 2 });
    expect(profile).toEqual(parts.profile);
    few.set('profile.json', Buffer.from('{}'));
    await expect(readBundleProfile(readFrom(few))).rejects.toThrow(IntegrityError);
  });

  it('with a profile of a later release still scores', async () => {
    const later = changed(
      'profile.json',
      (text) => text.replace('"schemaVersion":1', '"schemaVersion":2'),
      true,
    );
    await expect(loadScorer(readFrom(later))).resolves.toMatchObject({ bundle: { profile: undefined } });
    await expect(readBundleProfile(readFrom(later))).rejects.toMatchObject({ code: 'newer-version' });
  });

  it('is read in schema 2, which names the family and the shift', async () => {
    const second = (change: object) => {
      const manifest = JSON.parse(files.get(MANIFEST_FILE)!.toString()) as object;
      const text = JSON.stringify({ ...manifest, schemaVersion: 2, ...change });
      return loadScorer(readFrom(new Map(files).set(MANIFEST_FILE, Buffer.from(text))));
    };
    await expect(second({})).resolves.toMatchObject({ bundle: { manifest: { schemaVersion: 2 } } });
    await expect(second({ appliedPriorShift: undefined })).rejects.toMatchObject({
      code: 'invalid-artefact',
      message: expect.stringContaining('manifest.json.appliedPriorShift') as string,
    });
    const listed = (JSON.parse(files.get(MANIFEST_FILE)!.toString()) as { files: { name: string }[] }).files;
    const more = { name: 'shap.json', sha256: 'a'.repeat(64), bytes: 1 };
    await expect(second({ files: [...listed, more] })).resolves.toBeDefined();
    await expect(
      second({ files: listed.filter(({ name }) => name !== 'weights.bin') }),
    ).rejects.toMatchObject({ code: 'incomplete-bundle' });
    await expect(second({ schemaVersion: 3, files: [] })).rejects.toMatchObject({ code: 'newer-version' });
    await expect(second({ family: 'xgboost' })).rejects.toMatchObject({
      code: 'newer-version',
      message: expect.stringMatching(
        /^manifest\.json\.family = xgboost: .*this release knows network, logistic$/,
      ) as string,
    });
  });

  it('cannot be made of a model and a transform that do not match', () => {
    expect(() => encodeBundle({ ...parts, model: new NetworkModel(randomNetwork(3)) })).toThrow(
      /model inputs = 3/,
    );
  });
});

describe('golden rows', () => {
  it('hold 64 rows of values from different visits, repeatable by seed', () => {
    const input = { ...parts, columns, trainRows: rows };
    expect(parts.golden.rows).toHaveLength(64);
    expect(buildGoldenRows({ ...input, seed: 11 })).toEqual(parts.golden);
    expect(buildGoldenRows({ ...input, seed: 12 })).not.toEqual(parts.golden);
  });

  it('are no real visits: each value comes from a different visit', () => {
    const numbered = ['a', 'b', 'c'].map((name) => ({
      kind: 'number' as const,
      name,
      values: Float32Array.from({ length: 1000 }, (_, row) => row + 1),
    }));
    const features = numbered.map(({ name }) => ({
      kind: 'number' as const,
      column: name,
      median: 0,
      indicator: false,
      mean: 0,
      deviation: 1000,
      trim: 'iqr' as const,
      clip: 10,
    }));
    const golden = buildGoldenRows({
      transform: { ...parts.transform, features, outputs: ['a', 'b', 'c'] },
      model: new NetworkModel(randomNetwork(3)),
      percentiles: parts.percentiles,
      columns: numbered,
      trainRows: Uint32Array.from({ length: 600 }, (_, index) => index + 200),
      seed: 1,
    });
    const drawn = golden.rows.map(({ row }) => ['a', 'b', 'c'].map((name) => Number(row[name]) - 1));
    expect(drawn.every((visits) => visits.every((visit) => visit >= 200 && visit < 800))).toBe(true);
    expect(drawn.filter((visits) => new Set(visits).size === 1)).toEqual([]);
  });

  it('fail by |d logit| > 1e-4 or |d probability| > 1e-5, and on NaN', () => {
    const scorer = new Scorer(parts);
    const off = (logit: number, probability: number) =>
      checkGoldenRows(parts.golden, (row) => {
        const score = scorer.score(row);
        return { logit: score.logit + logit, probability: score.probability + probability };
      });
    expect(off(0, 0)).toEqual([]);
    expect(off(0.9e-4, 0.9e-5)).toEqual([]);
    expect(off(1.1e-4, 0)).toHaveLength(64);
    expect(off(0, -1.1e-5)).toHaveLength(64);
    expect(off(NaN, NaN)).toHaveLength(128);
  });
});

describe('the scorer', () => {
  it('loads from a bundle and reproduces the golden rows', async () => {
    const { scorer } = await loadScorer(readFrom(files));
    for (const { row, logit, probability, percentile } of parts.golden.rows) {
      expect(scorer.score(row)).toEqual({ logit, probability, percentile, unseen: [] });
    }
  });

  it('does not load if the golden rows have other scores', async () => {
    const wrong = changed('golden.json', (text) => text.replace(/"logit":/, '"logit":1e3,"was":'), true);
    await expect(loadScorer(readFrom(wrong))).rejects.toThrow(GoldenRowsError);
  });

  it('gives a row the same bits as columns, and its percentile', () => {
    const scorer = new Scorer(parts);
    const all = scorer.scoreColumns(columns, rows);
    const { matrix } = applyTransform(parts.transform, columns, rows);
    expect(all.logits).toEqual(logitsOf(parts.model, matrix, rows.length));
    for (const row of [0, 1, 9, 250, 499]) {
      const raw = Object.fromEntries(
        columns.map((column) => [
          column.name,
          column.kind === 'number' ? column.values[row] : column.levels[column.codes[row]!],
        ]),
      );
      const score = scorer.score(raw);
      expect(score.logit).toBe(all.logits[row]);
      expect(score.probability).toBe(all.probabilities[row]);
      expect(score.percentile).toBe(all.percentiles[row]);
    }
  });

  it('gives the same scores in batches as all together', () => {
    const scorer = new Scorer(parts);
    const many = Uint32Array.from({ length: 20_000 }, (_, index) => index % rows.length);
    const once = scorer.scoreColumns(columns, rows);
    const { logits } = scorer.scoreColumns(columns, many);
    expect(logits.every((logit, index) => logit === once.logits[index % rows.length])).toBe(true);
  });

  it('returns the values that training never saw', () => {
    const scorer = new Scorer(parts);
    expect(scorer.score({ basket: 'cheap', visits: 2, device: 'watch' }).unseen).toEqual([
      'basket',
      'device',
    ]);
    const watch = {
      kind: 'category' as const,
      name: 'device',
      codes: Int32Array.of(0, -1, 0),
      levels: ['watch'],
    };
    expect(scorer.scoreColumns([watch], Uint32Array.of(0, 1, 2)).unseen).toEqual({ device: 2 });
  });
});

describe('card.md', () => {
  const card = files.get('card.md')!.toString();

  it('says what it was trained on, how it does and when not to use it', () => {
    expect(card.match(/^#.*/gm)).toEqual([
      '# main product 7: how likely a visit ends in "sale"',
      '## What it was trained on',
      '## How it does',
      '## When not to use it',
      '## How to go back',
    ]);
    expect(card).toContain('83 days, 12345 goals');
    expect(card).toContain('basket, visits, device');
    expect(card).toContain(
      `| ROC-AUC | ${Array(3).fill(parts.report.metrics.test!.rocAuc.toFixed(4)).join(' | ')} |`,
    );
    expect(card).toContain('Verdict: promote.');
    expect(card).toContain('- Warning: ROC-AUC is close to .5');
  });
});
