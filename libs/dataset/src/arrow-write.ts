import { FactoryError, compareBytes } from '@factory/domain';
import {
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Message,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Uint8,
  Utf8,
  Vector,
  makeData,
  type Data,
  type DataType,
} from 'apache-arrow';
import { TextColumn } from './text-column';

/** Rows of a record batch. Fixed: the bytes of a file depend on it (rules R3). */
export const BATCH_ROWS = 65_536;

/** A column to be written: its Arrow type and a function that cuts rows [from, to) out of it. */
export interface ColumnWriter {
  readonly field: Field;
  cut(from: number, to: number): Data;
}

/**
 * An Arrow IPC file of these columns: batches of `BATCH_ROWS`, one dictionary per column written once, no
 * compression, and only the given metadata. The same columns give the same bytes.
 *
 * Chunks are created on demand: at most one record batch of the file is in memory. Use each before requesting
 * the next, it may be a view of a column.
 */
export function* arrowFileChunks(
  columns: readonly ColumnWriter[],
  rows: number,
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  const schema = new Schema(
    columns.map((column) => column.field),
    new Map(Object.entries(metadata)),
  );
  const type = new Struct(schema.fields);
  const writer = new SequentialFileWriter();
  // An empty dataset still needs one batch, otherwise the file would have no dictionaries.
  for (let from = 0; from === 0 || from < rows; from += BATCH_ROWS) {
    const to = Math.min(rows, from + BATCH_ROWS);
    const children = columns.map((column) => column.cut(from, to));
    writer.write(new RecordBatch(schema, makeData({ type, length: to - from, nullCount: 0, children })));
    yield* writer.take();
  }
  writer.finish();
  yield* writer.take();
}

/** Copies the chunks into one buffer. */
export function joinChunks(chunks: Iterable<Uint8Array>): Uint8Array {
  const all = [...chunks];
  const bytes = new Uint8Array(all.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of all) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Arrow's JavaScript writer writes the schema only to the footer; the format has it at the start as well, where
 * stream readers need it. And its byte queue is read by promises: here the writer's caller takes the bytes.
 */
class SequentialFileWriter extends RecordBatchFileWriter {
  private written: Uint8Array[] = [];

  /** The bytes written since the last call. */
  take(): Uint8Array[] {
    const { written } = this;
    this.written = [];
    return written;
  }

  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: Uint8Array | Int32Array | string): this {
    if (!this._started) return this;
    const bytes = bytesOf(chunk);
    this.written.push(bytes);
    this._position += bytes.byteLength;
    return this;
  }
}

function bytesOf(chunk: ArrayBufferView | string): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk, 'utf8');
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** The text of each row, as strings or as bytes. */
export type Texts = readonly string[] | TextColumn;

/** Text, never null. */
export function utf8Column(name: string, values: Texts): ColumnWriter {
  return {
    field: new Field(name, new Utf8(), false),
    cut: (from, to) => (values instanceof TextColumn ? values.cut(from, to) : utf8Data(values, from, to)),
  };
}

/** Instants in milliseconds since the epoch, marked as UTC. */
export function utcColumn(name: string, millis: Float64Array): ColumnWriter {
  const type = new TimestampMillisecond('UTC');
  return {
    field: new Field(name, type, false),
    cut: (from, to) => {
      const data = new BigInt64Array(to - from);
      for (let at = 0; at < data.length; at++) data[at] = BigInt(Math.round(millis[from + at] ?? 0));
      return makeData({ type, length: data.length, nullCount: 0, data });
    },
  };
}

/** Small counts and flags as uint8, never null. */
export function uint8Column(name: string, values: Uint8Array): ColumnWriter {
  const type = new Uint8();
  return {
    field: new Field(name, type, false),
    cut: (from, to) => makeData({ type, length: to - from, nullCount: 0, data: values.slice(from, to) }),
  };
}

/** 0 is false, anything else true; never null. */
export function boolColumn(name: string, values: Uint8Array): ColumnWriter {
  const type = new Bool();
  return {
    field: new Field(name, type, false),
    cut: (from, to) => {
      const { bitmap } = bitmapOf(to - from, (at) => values[from + at] !== 0);
      return makeData({ type, length: to - from, nullCount: 0, data: bitmap });
    },
  };
}

/** Numbers in double precision; NaN is written as null where `nullable`. */
export function float64Column(name: string, values: Float64Array, nullable = false): ColumnWriter {
  return floatColumn(name, new Float64(), values, nullable);
}

/** Numbers in single precision; NaN is written as null. */
export function float32Column(name: string, values: Float32Array): ColumnWriter {
  return floatColumn(name, new Float32(), values, true);
}

/**
 * Categories as dictionary<int32, utf8>; code -1 is written as null.
 *
 * @param id number of the dictionary, unique in the file (by default Arrow continues counting from file to
 * file, so the same rows would give different bytes)
 * @param levels distinct values, sorted by bytes
 */
export function categoryColumn(
  id: number,
  name: string,
  codes: Int32Array,
  levels: readonly string[],
  nullable = true,
): ColumnWriter {
  for (let at = 1; at < levels.length; at++) {
    if (compareBytes(levels[at - 1] ?? '', levels[at] ?? '') >= 0) {
      throw new FactoryError('unsorted-levels', `${name}: sort its levels by bytes, each once`, false);
    }
  }
  const type = new Dictionary(new Utf8(), new Int32(), id);
  const dictionary = new Vector([utf8Data(levels, 0, levels.length)]);
  return {
    field: new Field(name, type, nullable),
    cut: (from, to) => {
      const data = codes.slice(from, to);
      const valid = bitmapOf(data.length, (at) => (data[at] ?? -1) >= 0);
      for (let at = 0; at < data.length; at++) if ((data[at] ?? -1) < 0) data[at] = 0;
      return makeData({ type, length: data.length, data, dictionary, ...nulls(valid) });
    },
  };
}

function floatColumn(
  name: string,
  type: Float32 | Float64,
  values: Float32Array | Float64Array,
  nullable: boolean,
): ColumnWriter {
  return {
    field: new Field(name, type as DataType, nullable),
    cut: (from, to) => {
      const data = values.slice(from, to);
      const length = data.length;
      if (!nullable) return makeFloat(type, length, data, { nullCount: 0 });
      const valid = bitmapOf(length, (at) => !Number.isNaN(data[at] ?? Number.NaN));
      // Zeros under the nulls: the bits of a NaN differ between machines.
      if (valid.nullCount > 0) for (let at = 0; at < length; at++) if (Number.isNaN(data[at])) data[at] = 0;
      return makeFloat(type, length, data, nulls(valid));
    },
  };
}

function makeFloat(
  type: Float32 | Float64,
  length: number,
  data: Float32Array | Float64Array,
  validity: { nullCount: number; nullBitmap?: Uint8Array },
): Data {
  return makeData({ type: type as Float64, length, data: data as Float64Array, ...validity });
}

interface Bitmap {
  readonly bitmap: Uint8Array;
  readonly nullCount: number;
}

function nulls({ bitmap, nullCount }: Bitmap): { nullCount: number; nullBitmap?: Uint8Array } {
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bitmap };
}

function bitmapOf(length: number, isSet: (at: number) => boolean): Bitmap {
  const bitmap = new Uint8Array((length + 7) >> 3);
  let count = 0;
  for (let at = 0; at < length; at++) {
    if (!isSet(at)) continue;
    bitmap[at >> 3] = (bitmap[at >> 3] ?? 0) | (1 << (at & 7));
    count++;
  }
  return { bitmap, nullCount: length - count };
}

function utf8Data(values: readonly string[], from: number, to: number): Data<Utf8> {
  const length = to - from;
  const bytes = Buffer.from(values.slice(from, to).join(''), 'utf8');
  const valueOffsets = new Int32Array(length + 1);
  for (let at = 0, end = 0; at < length; at++) {
    end += Buffer.byteLength(values[from + at] ?? '', 'utf8');
    valueOffsets[at + 1] = end;
  }
  return makeData({ type: new Utf8(), length, nullCount: 0, valueOffsets, data: bytes });
}
