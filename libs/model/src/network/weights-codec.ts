import { BadInputError } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { fromLittleEndian, toLittleEndian } from './float32-bytes';
import { ACTIVATIONS, type NetworkWeights } from './network-weights';

const MAGIC = 'PFNW';
const SCHEMA_VERSION = 1;
const PREFIX_BYTES = 8;

const headerSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  layers: z
    .array(
      z.object({
        inputs: z.number().int().positive(),
        units: z.number().int().positive(),
        activation: z.enum(ACTIVATIONS),
        dropout: z.number().min(0).lt(1).optional(),
      }),
    )
    .min(1),
});

/**
 * A trial's weights as one file, little-endian throughout:
 * - bytes 0-3: `PFNW`; bytes 4-7: uint32, length of the header, a multiple of 4;
 * - header: JSON `{schemaVersion, layers: [{inputs, units, activation, dropout?}]}`, padded with spaces;
 * - then for each layer float32 kernel [inputs, units] row-major and bias [units].
 */
export function encodeWeights(network: NetworkWeights): Buffer {
  const layers = network.layers.map(({ inputs, units, activation, dropout }) => ({
    inputs,
    units,
    activation,
    dropout,
  }));
  const json = JSON.stringify({ schemaVersion: SCHEMA_VERSION, layers });
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4), 'utf8');
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(header.length, 4);
  return Buffer.concat([
    prefix,
    header,
    toLittleEndian(network.layers.flatMap(({ kernel, bias }) => [kernel, bias])),
  ]);
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact`, `invalid-weights` */
export function decodeWeights(bytes: Uint8Array): NetworkWeights {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < PREFIX_BYTES || buffer.toString('latin1', 0, 4) !== MAGIC) {
    throw invalid('first bytes', buffer.toString('latin1', 0, 4), `give a file that starts with ${MAGIC}`);
  }
  const start = PREFIX_BYTES + buffer.readUInt32LE(4);
  if (start > buffer.length) throw invalid('length', buffer.length, 'fetch the whole file');
  const header = parseVersioned(
    'weights',
    SCHEMA_VERSION,
    headerSchema,
    parseJson(buffer.toString('utf8', PREFIX_BYTES, start)),
  );
  const wanted = start + 4 * header.layers.reduce((sum, layer) => sum + (layer.inputs + 1) * layer.units, 0);
  if (wanted !== buffer.length)
    throw invalid('length', buffer.length, `give the ${wanted} bytes it announces`);
  let at = start;
  const take = (count: number) => {
    at += 4 * count;
    return fromLittleEndian(buffer, at - 4 * count, count);
  };
  return {
    layers: header.layers.map((layer) => ({
      ...layer,
      kernel: take(layer.inputs * layer.units),
      bias: take(layer.units),
    })),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('header', text, 'give a header of JSON');
  }
}

function invalid(field: string, value: unknown, todo: string): BadInputError {
  return new BadInputError('invalid-weights', { field: `weights ${field}`, value, todo });
}
