import { checkFamily, type Family } from '@factory/domain';
import { parseJson } from './json-file';
import { fromLayersModel, WEIGHTS_FILE } from './network/layers-model';
import { NetworkModel } from './network/network-model';
import { decodeWeights } from './network/weights-codec';
import type { ModelFile, Predictor } from './predictor';

/** Readers of a family's models. */
interface FamilyCodec {
  /** Reads what `Predictor.encode` wrote. */
  readonly decode: (bytes: Uint8Array) => Predictor;
  /** Reads what `Predictor.toFiles` wrote; `read` returns verified bytes. */
  readonly decodeFiles: (read: (file: ModelFile) => Promise<Buffer>) => Promise<Predictor>;
}

/** All families that can score; add a new one here. */
const CODECS: Readonly<Record<Family, FamilyCodec>> = {
  network: {
    decode: (bytes) => new NetworkModel(decodeWeights(bytes)),
    decodeFiles: async (read) =>
      new NetworkModel(
        fromLayersModel(parseJson('model.json', await read('model.json')), await read(WEIGHTS_FILE)),
      ),
  },
};

/**
 * @throws BadInputError `unknown-family`, `unknown-schema-version`, `invalid-artefact`, `invalid-weights`;
 *   NewerVersionError
 */
export function decodeModel(family: string, bytes: Uint8Array): Predictor {
  return CODECS[checkFamily(family)].decode(bytes);
}

/**
 * Reads the model of a bundle.
 *
 * @param field the field with the family's name, for the error's text
 * @throws BadInputError `unknown-family`, `unknown-schema-version`, `invalid-artefact`, `invalid-weights`;
 *   NewerVersionError
 */
export function decodeModelFiles(
  family: string,
  field: string,
  read: (file: ModelFile) => Promise<Buffer>,
): Promise<Predictor> {
  return CODECS[checkFamily(family, field)].decodeFiles(read);
}
