import { BadInputError } from '@factory/domain';
import { type Transform, parseTransform } from '@factory/normalisation';
import { type GoldenRows, parseGoldenRows } from './golden-rows';
import { WEIGHTS_FILE, fromLayersModel, toLayersModel } from './layers-model';
import { type Lineage, type Manifest, buildManifest, parseManifest, verifyBytes } from './manifest';
import { modelCard } from './model-card';
import type { NetworkWeights } from './network-weights';
import { type Percentiles, parsePercentiles } from './percentiles';
import { type Report, parseReport } from './report';

export const MANIFEST_FILE = 'manifest.json';
/** Files of a bundle, in the order in which they are written (architecture, Data at rest). */
export const BUNDLE_FILES = [
  'model.json',
  WEIGHTS_FILE,
  'transform.json',
  'percentiles.json',
  'golden.json',
  'report.json',
  'card.md',
  MANIFEST_FILE,
] as const;
export type BundleFile = (typeof BUNDLE_FILES)[number];

/** All that scoring needs. */
export interface ScoringParts {
  /** With the prior shift in its last bias. */
  readonly network: NetworkWeights;
  readonly transform: Transform;
  readonly percentiles: Percentiles;
}

export interface BundleParts extends ScoringParts {
  readonly golden: GoldenRows;
  readonly report: Report;
  readonly lineage: Lineage;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface DecodedBundle extends ScoringParts {
  readonly manifest: Manifest;
  readonly golden: GoldenRows;
  readonly report: Report;
  readonly card: string;
}

/**
 * Packs a model.
 *
 * @returns file names and contents, the manifest last: write them in this order
 * @throws BadInputError `width-mismatch` if network and transform do not belong together
 */
export function encodeBundle(parts: BundleParts): Map<BundleFile, Buffer> {
  checkWidth(parts);
  const { lineage } = parts;
  const { modelJson, weights } = toLayersModel(
    parts.network,
    `${lineage.source}_${lineage.goal}_${lineage.product}`,
  );
  const files = new Map<BundleFile, Buffer>([
    ['model.json', jsonBytes(modelJson)],
    [WEIGHTS_FILE, weights],
    ['transform.json', jsonBytes(parts.transform)],
    ['percentiles.json', jsonBytes(parts.percentiles)],
    ['golden.json', jsonBytes(parts.golden)],
    ['report.json', jsonBytes(parts.report)],
    ['card.md', Buffer.from(modelCard(parts), 'utf8')],
  ]);
  return files.set(MANIFEST_FILE, jsonBytes(buildManifest(files, parts)));
}

/**
 * Reads a bundle. Nothing of a file is used before its sha256 has been compared with the manifest's.
 *
 * @param read gets one file of the bundle
 * @param manifestSha256 hash of the manifest, where the caller knows it (from the ledger, the event, the pointer)
 * @throws IntegrityError if a file is not what was published
 * @throws BadInputError `unknown-schema-version`, `invalid-artefact`, `incomplete-bundle`, `width-mismatch`
 */
export async function decodeBundle(
  read: (file: BundleFile) => Promise<Buffer>,
  manifestSha256?: string,
): Promise<DecodedBundle> {
  const manifestBytes = await read(MANIFEST_FILE);
  if (manifestSha256 !== undefined) verifyBytes(MANIFEST_FILE, manifestBytes, manifestSha256);
  const manifest = parseManifest(parseJson(MANIFEST_FILE, manifestBytes));
  const readVerified = async (file: BundleFile) => {
    const entry = manifest.files.find(({ name }) => name === file);
    if (!entry) {
      throw new BadInputError('incomplete-bundle', {
        field: 'manifest.files',
        value: manifest.files.map(({ name }) => name),
        todo: `publish the run again: ${file} is missing`,
      });
    }
    const bytes = await read(file);
    verifyBytes(file, bytes, entry.sha256);
    return bytes;
  };
  const readJson = async (file: BundleFile) => parseJson(file, await readVerified(file));
  const bundle = {
    manifest,
    network: fromLayersModel(await readJson('model.json'), await readVerified(WEIGHTS_FILE)),
    transform: parseTransform(await readJson('transform.json')),
    percentiles: parsePercentiles(await readJson('percentiles.json')),
    golden: parseGoldenRows(await readJson('golden.json')),
    report: parseReport(await readJson('report.json')),
    card: (await readVerified('card.md')).toString('utf8'),
  };
  checkWidth(bundle);
  return bundle;
}

function checkWidth({ network, transform }: ScoringParts): void {
  const inputs = network.layers[0]?.inputs;
  if (inputs === transform.outputs.length) return;
  throw new BadInputError('width-mismatch', {
    field: 'network inputs',
    value: inputs,
    todo: `give the network that was trained on this transform's ${transform.outputs.length} outputs`,
  });
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
}

function parseJson(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new BadInputError(
      'invalid-artefact',
      { field: file, value: bytes.toString('utf8', 0, 40), todo: 'restore the file: it is not JSON' },
      { cause },
    );
  }
}
