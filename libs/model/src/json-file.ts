import { BadInputError, parseBoundedJson } from '@factory/domain';

/** A JSON file of a bundle, on one line. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
}

/** @throws BadInputError `invalid-artefact` */
export function parseJson(file: string, bytes: Buffer): unknown {
  try {
    return parseBoundedJson(bytes.toString('utf8'), file);
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    throw new BadInputError(
      'invalid-artefact',
      { field: file, value: bytes.toString('utf8', 0, 40), todo: 'restore the file: it is not JSON' },
      { cause },
    );
  }
}
