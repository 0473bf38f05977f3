import { jsonBytes } from '../json-file';
import type { LogitLine, ModelFile, Predictor } from '../predictor';
import { countParameters, forwardLogits, logitOf, onLine } from './forward-pass';
import { WEIGHTS_FILE, toLayersModel } from './layers-model';
import type { NetworkWeights } from './network-weights';
import { encodeWeights } from './weights-codec';

/** A trained network. */
export class NetworkModel implements Predictor {
  readonly family = 'network';

  constructor(readonly network: NetworkWeights) {}

  get inputs(): number {
    return this.network.layers[0]?.inputs ?? 0;
  }

  get parameters(): number {
    return countParameters(this.network);
  }

  logits(matrix: Float32Array, rows: number, width: number): Float64Array {
    return forwardLogits(this.network, matrix, rows, width);
  }

  logit(row: Float32Array): number {
    return logitOf(this.network, row);
  }

  shifted(shift: number): NetworkModel {
    return new NetworkModel(onLine(this.network, { slope: 1, bias: shift }));
  }

  rescaled(line: LogitLine): NetworkModel {
    return new NetworkModel(onLine(this.network, line));
  }

  encode(): Buffer {
    return encodeWeights(this.network);
  }

  toFiles(name: string): ReadonlyMap<ModelFile, Buffer> {
    const { modelJson, weights } = toLayersModel(this.network, name);
    return new Map<ModelFile, Buffer>([
      ['model.json', jsonBytes(modelJson)],
      [WEIGHTS_FILE, weights],
    ]);
  }
}
