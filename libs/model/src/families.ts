import { checkScoredFamily, type ScoredFamily } from '@factory/domain';
import { parseJson } from './json-file';
import { LOGISTIC_FILE, decodeLogistic } from './logistic/logistic-file';
import { LogisticModel } from './logistic/logistic-model';
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
const CODECS: Readonly<Record<ScoredFamily, FamilyCodec>> = {
  network: {
    decode: (bytes) => new NetworkModel(decodeWeights(bytes)),
    decodeFiles: async (read) =>
      new NetworkModel(
        fromLayersModel(parseJson('model.json', await read('model.json')), await read(WEIGHTS_FILE)),
      ),
  },
  logistic: {
    decode: (bytes) => new LogisticModel(decodeLogistic(bytes)),
    decodeFiles: async (read) => new LogisticModel(decodeLogistic(await read(LOGISTIC_FILE))),
  },
};

/**
 * @throws BadInputError `unknown-family`, `unknown-schema-version`, `invalid-artefact`, `invalid-weights`;
 *   NewerVersionError
 */
export function decodeModel(family: string, bytes: Uint8Array): Predictor {
  return CODECS[checkScoredFamily(family)].decode(bytes);
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
  return CODECS[checkScoredFamily(family, field)].decodeFiles(read);
}
