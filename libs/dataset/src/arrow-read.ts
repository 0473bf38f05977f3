import { BadInputError, messageOf } from '@factory/domain';
import { type DataType, tableFromIPC, type Data, type Table } from 'apache-arrow';

/** One column of a file, to be copied from its batches. */
export interface ColumnReader {
  readonly name: string;
  readonly type: DataType;
  /** One chunk per batch, in order. */
  readonly chunks: readonly Data[];
  readonly rows: number;
}

/** @throws BadInputError `not-an-arrow-file` */
export function readArrowFile(bytes: Uint8Array, file: string): Map<string, ColumnReader> {
  const table = parse(bytes, file);
  const columns = table.schema.fields.map((field, at): [string, ColumnReader] => [
    field.name,
    {
      name: field.name,
      type: field.type as DataType,
      chunks: table.batches.map((batch) => childOf(batch.data, at)),
      rows: table.numRows,
    },
  ]);
  return new Map(columns);
}

/** Removes a column from the map and returns it. @throws BadInputError `missing-column` */
export function take(columns: Map<string, ColumnReader>, name: string, file: string): ColumnReader {
  const column = columns.get(name);
  columns.delete(name);
  if (column) return column;
  throw new BadInputError('missing-column', {
    field: file,
    value: name,
    todo: `write the file again: it has no column ${name}`,
  });
}

/** @param into at least as long as the column; here and below new memory if absent */
export function readFloat64(column: ColumnReader, into = new Float64Array(column.rows)): Float64Array {
  return copyNumbers(column, into).subarray(0, column.rows);
}

export function readFloat32(column: ColumnReader): Float32Array {
  return copyNumbers(column, new Float32Array(column.rows));
}

export function readUint8(column: ColumnReader, into = new Uint8Array(column.rows)): Uint8Array {
  forEachChunk(column, (chunk, start) =>
    into.set((chunk.values as Uint8Array).subarray(0, chunk.length), start),
  );
  return into.subarray(0, column.rows);
}

export function readBool(column: ColumnReader): Uint8Array {
  const out = new Uint8Array(column.rows);
  forEachChunk(column, (chunk, start) => {
    const bits = chunk.values as Uint8Array;
    for (let at = 0; at < chunk.length; at++) out[start + at] = bitAt(bits, chunk.offset + at);
  });
  return out;
}

/** Milliseconds since the epoch. */
export function readUtc(column: ColumnReader): Float64Array {
  const out = new Float64Array(column.rows);
  forEachChunk(column, (chunk, start) => {
    const values = chunk.values as BigInt64Array;
    for (let at = 0; at < chunk.length; at++) out[start + at] = Number(values[at]);
  });
  return out;
}

export function readUtf8(column: ColumnReader): string[] {
  const out: string[] = [];
  for (const chunk of column.chunks) textsOf(chunk, out);
  return out;
}

/** Codes with -1 for null, and the dictionary's values. */
export function readCategory(column: ColumnReader): { codes: Int32Array; levels: string[] } {
  const codes = new Int32Array(column.rows);
  forEachChunk(column, (chunk, start) => {
    codes.set((chunk.values as Int32Array).subarray(0, chunk.length), start);
    forEachNull(chunk, (at) => (codes[start + at] = -1));
  });
  return { codes, levels: readLevels(column) };
}

/** A category's dictionary. */
export function readLevels(column: ColumnReader): string[] {
  const levels: string[] = [];
  for (const part of column.chunks[0]?.dictionary?.data ?? []) textsOf(part, levels);
  return levels;
}

/** Numbers of a file with one batch, in place: nulls become NaN in the file's own memory. float64 is copied. */
export function float32InPlace(column: ColumnReader): Float32Array {
  const [chunk] = column.chunks;
  if (!(chunk?.values instanceof Float32Array)) return readFloat32(column);
  const values = chunk.values.subarray(0, chunk.length);
  forEachNull(chunk, (at) => (values[at] = Number.NaN));
  return values;
}

/** Codes of a file with one batch, in place: nulls become -1 in the file's own memory. */
export function codesInPlace(column: ColumnReader): Int32Array {
  const [chunk] = column.chunks;
  if (!(chunk?.values instanceof Int32Array)) return new Int32Array(0);
  const codes = chunk.values.subarray(0, chunk.length);
  forEachNull(chunk, (at) => (codes[at] = -1));
  return codes;
}

/** Texts of a file with one batch, in place. */
export function textsInPlace(column: ColumnReader): { offsets: Int32Array; bytes: Uint8Array } {
  const [chunk] = column.chunks;
  if (!chunk || chunk.length === 0) return { offsets: new Int32Array(1), bytes: new Uint8Array(0) };
  return { offsets: chunk.valueOffsets as Int32Array, bytes: chunk.values as Uint8Array };
}

function copyNumbers<T extends Float32Array | Float64Array>(column: ColumnReader, out: T): T {
  forEachChunk(column, (chunk, start) => {
    out.set((chunk.values as T).subarray(0, chunk.length), start);
    forEachNull(chunk, (at) => (out[start + at] = Number.NaN));
  });
  return out;
}

function forEachNull(chunk: Data, visit: (at: number) => void): void {
  if (chunk.nullCount === 0) return;
  const valid = chunk.nullBitmap as Uint8Array;
  for (let at = 0; at < chunk.length; at++) if (bitAt(valid, chunk.offset + at) === 0) visit(at);
}

function textsOf(chunk: Data, out: string[]): void {
  const offsets = chunk.valueOffsets as Int32Array;
  const bytes = chunk.values as Uint8Array;
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = all.toString('utf8', offsets[0] ?? 0, offsets[chunk.length] ?? 0);
  const first = offsets[0] ?? 0;
  // If there are as many characters as bytes, the text is ASCII: decode once, then slice.
  const isAscii = text.length === (offsets[chunk.length] ?? 0) - first;
  for (let at = 0; at < chunk.length; at++) {
    const from = offsets[at] ?? 0;
    const to = offsets[at + 1] ?? 0;
    out.push(isAscii ? text.slice(from - first, to - first) : all.toString('utf8', from, to));
  }
}

function forEachChunk(column: ColumnReader, visit: (chunk: Data, start: number) => void): void {
  let start = 0;
  for (const chunk of column.chunks) {
    visit(chunk, start);
    start += chunk.length;
  }
}

function bitAt(bits: Uint8Array, at: number): 0 | 1 {
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) as 0 | 1;
}

function childOf(data: Data, at: number): Data {
  return data.children[at] as Data;
}

function parse(bytes: Uint8Array, file: string): Table {
  try {
    return tableFromIPC(bytes);
  } catch (thrown) {
    throw new BadInputError(
      'not-an-arrow-file',
      { field: file, value: messageOf(thrown), todo: 'give an Arrow IPC file' },
      { cause: thrown },
    );
  }
}
