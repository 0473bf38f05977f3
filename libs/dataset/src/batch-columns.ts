import type { BadInputError } from '@factory/domain';
import type { SizedSource } from '@factory/object-store';
import { DataType, makeData, type Data, type Schema, type Vector } from 'apache-arrow';
import type { ColumnReader } from './arrow-read';

/** Metadata of a record batch: one node per column, and the position of each of its buffers in the body. */
export interface BatchHeader {
  readonly length: number;
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  readonly bodyBytes: number;
}

/** The messages before the rows. */
export interface Described {
  readonly schema: Schema;
  readonly dictionaries: ReadonlyMap<number, Vector>;
}

/** Memory for the columns being read; the batches of a file share it. */
export interface Room {
  memory: Uint8Array;
}

/** Typed arrays are aligned to this, in the file and here. */
const ALIGNMENT = 8;
const SKIP_BYTES = 65_536;

/** A record batch whose columns are read in order, a few at a time. */
export class BatchColumns {
  readonly rows: number;
  /** Names and types of its columns, in order. */
  readonly columns: readonly Pick<ColumnReader, 'name' | 'type'>[];
  /** Number of columns of the batch. */
  readonly count: number;
  private next = 0;
  private nextBuffer = 0;
  /** Number of bytes of the body that were read. */
  private done = 0;

  constructor(
    private readonly source: SizedSource,
    private readonly header: BatchHeader,
    private readonly described: Described,
    private readonly room: Room,
    private readonly refusal: (what: string) => BadInputError,
  ) {
    this.rows = header.length;
    this.columns = described.schema.fields.map(({ name, type }) => ({ name, type: type as DataType }));
    this.count = this.columns.length;
    if (header.nodes.length !== this.count) throw refusal('columns that are not in its schema');
  }

  /** Number of columns not read yet. */
  get left(): number {
    return this.count - this.next;
  }

  /**
   * Reads the next columns, at most `most`. They are in memory that the next call overwrites.
   *
   * @throws BadInputError `not-an-arrow-file`, `file-cut-off`
   */
  read(most: number): ColumnReader[] {
    const columns = this.described.schema.fields.slice(this.next, this.next + most);
    const buffers = columns.map(({ type }) => {
      const from = this.nextBuffer;
      this.nextBuffer += DataType.isUtf8(type) ? 3 : 2;
      return this.header.buffers.slice(from, this.nextBuffer);
    });
    const start = this.done;
    this.fetch(Math.max(start, ...buffers.flat().map(({ offset, length }) => offset + length)));
    const nodes = this.header.nodes.slice(this.next, this.next + most);
    this.next += columns.length;
    return columns.map(({ name, type: fieldType }, at): ColumnReader => {
      const type = fieldType as DataType;
      const [validity, values, text] = (buffers[at] ?? []).map((one) => this.view(one, start));
      if (!validity || !values) return { name, type, chunks: [], rows: this.rows };
      const chunk = DataType.isUtf8(type)
        ? this.textOf(type, values, text ?? new Uint8Array(0))
        : this.dataOf(type, nodes[at]?.nullCount ?? 0, validity, values);
      return { name, type, chunks: [chunk], rows: this.rows };
    });
  }

  /** Skips what was not read. */
  skipRest(): void {
    this.next = this.count;
    while (this.done < this.header.bodyBytes) {
      const piece = new Uint8Array(Math.min(SKIP_BYTES, this.header.bodyBytes - this.done));
      this.source.fill(piece);
      this.done += piece.length;
    }
  }

  /** Reads the body up to `end` into memory, from the current position. */
  private fetch(end: number): void {
    const padded = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    const bytes = padded - this.done;
    if (padded > this.header.bodyBytes) throw this.refusal('a column beyond its end');
    const { room } = this;
    if (room.memory.length < bytes) room.memory = new Uint8Array(bytes);
    this.source.fill(room.memory.subarray(0, bytes));
    this.done = padded;
  }

  private view({ offset, length }: { offset: number; length: number }, start: number): Uint8Array {
    if (offset < start || offset % ALIGNMENT !== 0) throw this.refusal('columns out of order');
    return this.room.memory.subarray(offset - start, offset - start + length);
  }

  /** @param ends int32 offsets of the beginnings of the texts, and of the end of the last */
  private textOf(type: DataType, ends: Uint8Array, data: Uint8Array): Data {
    if (ends.length < (this.rows + 1) * Int32Array.BYTES_PER_ELEMENT)
      throw this.refusal('a column shorter than its rows');
    const valueOffsets = new Int32Array(ends.buffer, ends.byteOffset, this.rows + 1);
    if ((valueOffsets[this.rows] ?? 0) > data.length) throw this.refusal('text beyond its end');
    const length = this.rows;
    return makeData({ type, length, nullCount: 0, valueOffsets, data } as Parameters<typeof makeData>[0]);
  }

  private dataOf(type: DataType, nullCount: number, validity: Uint8Array, values: Uint8Array): Data {
    const { ArrayType } = type as unknown as { ArrayType: TypedArrayOf };
    const { BYTES_PER_ELEMENT: size } = ArrayType;
    const needed = DataType.isBool(type) ? (this.rows + 7) >> 3 : this.rows;
    if (values.length < needed * size) throw this.refusal('a column shorter than its rows');
    if (nullCount > 0 && validity.length < (this.rows + 7) >> 3)
      throw this.refusal('nulls without a validity bitmap');
    return makeData({
      type,
      length: this.rows,
      nullCount,
      nullBitmap: nullCount === 0 ? undefined : validity,
      data: new ArrayType(values.buffer, values.byteOffset, Math.floor(values.length / size)),
      dictionary: this.dictionaryOf(type),
    } as Parameters<typeof makeData>[0]);
  }

  private dictionaryOf(type: DataType): Vector | undefined {
    return DataType.isDictionary(type) ? this.described.dictionaries.get(type.id) : undefined;
  }
}

interface TypedArrayOf {
  new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT: number;
}
