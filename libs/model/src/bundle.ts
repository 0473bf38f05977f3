import { BadInputError, NewerVersionError } from '@factory/domain';
import { type Transform, parseTransform } from '@factory/normalisation';
import { PICTURES, type Picture, cardPictures, modelCard } from './card/model-card';
import { decodeModelFiles } from './families';
import { type GoldenRows, parseGoldenRows } from './golden-rows';
import { jsonBytes, parseJson } from './json-file';
import { type Lineage, type Manifest, buildManifest, parseManifest, verifyBytes } from './manifest';
import { type Percentiles, parsePercentiles } from './percentiles';
import { MODEL_FILES, type ModelFile, type Predictor } from './predictor';
import { type Profile, parseProfile } from './profile';
import { type Report, parseReport } from './report';

export const MANIFEST_FILE = 'manifest.json';
const PROFILE_FILE = 'profile.json';
/**
 * Files of a network's bundle, in the order in which they are written (architecture, Data at rest); without a profile,
 * all others. Another family has its own files in place of the network's (`MODEL_FILES`). The pictures of the card come
 * before it; nobody but people reads them.
 */
export const BUNDLE_FILES = [
  ...MODEL_FILES.network,
  'transform.json',
  'percentiles.json',
  'golden.json',
  'report.json',
  PROFILE_FILE,
  'card.md',
  MANIFEST_FILE,
] as const;
export type BundleFile = (typeof BUNDLE_FILES)[number] | ModelFile | Picture;

/**
 * Reads one file of a bundle.
 *
 * @param bytes its size by the manifest; absent for the manifest
 */
export type ReadBundleFile = (file: BundleFile, bytes?: number) => Promise<Buffer>;

/** Everything that scoring needs. */
export interface ScoringParts {
  /** With the prior shift and a repair in its logits. */
  readonly model: Predictor;
  readonly transform: Transform;
  readonly percentiles: Percentiles;
}

export interface BundleParts extends ScoringParts {
  readonly golden: GoldenRows;
  readonly report: Report;
  /** Of the training window; absent: sampling was done by a release without profiles. */
  readonly profile?: Profile | undefined;
  readonly lineage: Lineage;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface DecodedBundle extends ScoringParts {
  readonly manifest: Manifest;
  readonly golden: GoldenRows;
  readonly report: Report;
  /** Undefined: the bundle has none, or one of a later release, which scoring does not need. */
  readonly profile: Profile | undefined;
  readonly card: string;
}

/**
 * Packs a model.
 *
 * @returns file names and contents, the manifest last: write them in this order
 * @throws BadInputError `width-mismatch` if model and transform do not match
 */
export function encodeBundle(parts: BundleParts): Map<BundleFile, Buffer> {
  checkWidth(parts);
  const { lineage, model, report, profile } = parts;
  const files = new Map<BundleFile, Buffer>([
    ...model.toFiles(`${lineage.source}_${lineage.goal}_${lineage.product}`),
    ['transform.json', jsonBytes(parts.transform)],
    ['percentiles.json', jsonBytes(parts.percentiles)],
    ['golden.json', jsonBytes(parts.golden)],
    ['report.json', jsonBytes(report)],
    ...(profile ? [[PROFILE_FILE, jsonBytes(profile)] as const] : []),
    ...[...cardPictures(report)].map(([file, picture]) => [file, Buffer.from(picture, 'utf8')] as const),
    ['card.md', Buffer.from(modelCard(parts), 'utf8')],
  ]);
  const about = {
    ...{ ...parts, family: model.family, appliedPriorShift: report.candidate.priorShift },
    appliedRepair: report.repair?.fitted ?? undefined,
  };
  return files.set(MANIFEST_FILE, jsonBytes(buildManifest(files, about)));
}

/**
 * Reads a bundle. No file is used before its sha256 has been compared with the manifest's.
 *
 * @param read reads one file of the bundle
 * @param manifestSha256 hash of the manifest, if the caller knows it (from the ledger, the event, the pointer)
 * @throws IntegrityError if a file is not what was published
 * @throws BadInputError `unknown-schema-version`, `unknown-family`, `invalid-artefact`, `incomplete-bundle`,
 * `width-mismatch`
 */
export async function decodeBundle(read: ReadBundleFile, manifestSha256?: string): Promise<DecodedBundle> {
  const { manifest, readVerified, readProfile } = await openBundle(read, manifestSha256);
  const readJson = async (file: BundleFile) => parseJson(file, await readVerified(file));
  const bundle = {
    manifest,
    model: await decodeModelFiles(manifest.family, 'manifest.json.family', readVerified),
    transform: parseTransform(await readJson('transform.json')),
    percentiles: parsePercentiles(await readJson('percentiles.json')),
    golden: parseGoldenRows(await readJson('golden.json')),
    report: parseReport(await readJson('report.json')),
    profile: await readProfile().catch(unlessNewer),
    card: (await readVerified('card.md')).toString('utf8'),
  };
  checkWidth(bundle);
  return bundle;
}

/**
 * Reads manifest and profile of a bundle, each checked against its hash, and nothing else of it.
 *
 * @param read, manifestSha256 as of `decodeBundle`
 * @throws the errors of `decodeBundle`
 */
export async function readBundleProfile(
  read: ReadBundleFile,
  manifestSha256?: string,
): Promise<Pick<DecodedBundle, 'manifest' | 'profile'>> {
  const { manifest, readProfile } = await openBundle(read, manifestSha256);
  return { manifest, profile: await readProfile() };
}

/** What a bundle shows people. */
export interface BundleCard {
  readonly manifest: Manifest;
  /** card.md */
  readonly card: string;
  /** SVG, by the name under which the card shows it. */
  readonly pictures: Readonly<Partial<Record<Picture, string>>>;
}

/**
 * Reads manifest, card and pictures of a bundle, each checked against its hash, and nothing else of it.
 *
 * @param read, manifestSha256 as of `decodeBundle`
 * @throws the errors of `decodeBundle`
 */
export async function readBundleCard(read: ReadBundleFile, manifestSha256?: string): Promise<BundleCard> {
  const { manifest, readVerified } = await openBundle(read, manifestSha256);
  const text = async (file: BundleFile) => (await readVerified(file)).toString('utf8');
  const there = PICTURES.filter((picture) => manifest.files.some(({ name }) => name === picture));
  const pictures = await Promise.all(there.map(async (picture) => [picture, await text(picture)] as const));
  return { manifest, card: await text('card.md'), pictures: Object.fromEntries(pictures) };
}

async function openBundle(read: ReadBundleFile, manifestSha256: string | undefined) {
  const manifestBytes = await read(MANIFEST_FILE);
  if (manifestSha256 !== undefined) verifyBytes(MANIFEST_FILE, manifestBytes, manifestSha256);
  const manifest = parseManifest(parseJson(MANIFEST_FILE, manifestBytes));
  const entryOf = (file: BundleFile) => manifest.files.find(({ name }) => name === file);
  const readVerified = async (file: BundleFile): Promise<Buffer> => {
    const entry = entryOf(file);
    if (!entry) {
      throw new BadInputError('incomplete-bundle', {
        field: 'manifest.files',
        value: manifest.files.map(({ name }) => name),
        todo: `publish the run again: ${file} is missing`,
      });
    }
    const bytes = await read(file, entry.bytes);
    verifyBytes(file, bytes, entry.sha256);
    return bytes;
  };
  const readProfile = async (): Promise<Profile | undefined> =>
    entryOf(PROFILE_FILE)
      ? parseProfile(parseJson(PROFILE_FILE, await readVerified(PROFILE_FILE)))
      : undefined;
  return { manifest, readVerified, readProfile };
}

function unlessNewer(error: unknown): undefined {
  if (!(error instanceof NewerVersionError)) throw error;
}

function checkWidth({ model, transform }: ScoringParts): void {
  const { inputs } = model;
  if (inputs === transform.outputs.length) return;
  throw new BadInputError('width-mismatch', {
    field: 'model inputs',
    value: inputs,
    todo: `give the model that was trained on this transform's ${transform.outputs.length} outputs`,
  });
}
