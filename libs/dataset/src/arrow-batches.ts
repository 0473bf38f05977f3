import { BadInputError, messageOf } from '@factory/domain';
import type { SizedSource } from '@factory/object-store';
import { Message, RecordBatchReader } from 'apache-arrow';
import { BatchColumns, type BatchHeader, type Described, type Room } from './batch-columns';

const MAGIC = 'ARROW1';
/** The magic with its padding. */
const HEAD_BYTES = 8;
/** Marks the start of every message, as an int32. */
const CONTINUATION = -1;

/**
 * The record batches of an Arrow IPC file one after the other, without keeping any: its messages are in order
 * before the footer. Unread columns of a batch are skipped when the next batch is requested.
 *
 * @throws BadInputError `not-an-arrow-file`, `file-cut-off`
 */
export function* readArrowBatches(source: SizedSource, file: string): Generator<BatchColumns> {
  const head = Buffer.alloc(HEAD_BYTES);
  source.fill(head);
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notArrow(file, 'no ARROW1 at its start');
  /** Schema and dictionaries. */
  const first: Uint8Array[] = [];
  const room: Room = { memory: new Uint8Array(0) };
  let described: Described | undefined;
  for (;;) {
    const message = readMessage(source, file);
    if (!message) return;
    if (message.batch) {
      described ??= describe(Buffer.concat(first), file);
      const batch = new BatchColumns(source, message.batch, described, room, (what) => notArrow(file, what));
      yield batch;
      batch.skipRest();
    } else {
      if (described) throw notArrow(file, 'a dictionary behind the rows that need it');
      const body = new Uint8Array(message.bodyBytes);
      source.fill(body);
      first.push(message.head, body);
    }
  }
}

function describe(stream: Uint8Array, file: string): Described {
  try {
    const reader = RecordBatchReader.from(stream).open({ autoDestroy: false });
    // Read as a stream without batches: the reader finds the dictionaries, and an empty batch after them.
    reader.next();
    return { schema: reader.schema, dictionaries: reader.dictionaries };
  } catch (thrown) {
    throw notArrow(file, messageOf(thrown), thrown);
  }
}

interface MessageHead {
  /** Length prefix and metadata. */
  readonly head: Uint8Array;
  readonly bodyBytes: number;
  /** For a record batch. */
  readonly batch: BatchHeader | undefined;
}

/** Undefined after the last message. */
function readMessage(source: SizedSource, file: string): MessageHead | undefined {
  const prefix = Buffer.alloc(8);
  source.fill(prefix);
  if (prefix.readInt32LE(0) !== CONTINUATION) throw notArrow(file, 'a message without its mark');
  const metadataBytes = prefix.readInt32LE(4);
  if (metadataBytes === 0) return undefined;
  if (metadataBytes < 0 || metadataBytes > source.left) throw notArrow(file, 'metadata beyond its end');
  const head = new Uint8Array(prefix.length + metadataBytes);
  head.set(prefix);
  source.fill(head.subarray(prefix.length));
  const message = decoded(head.subarray(prefix.length), file);
  const bodyBytes = message.bodyLength;
  // Checked before allocating: the file cannot contain such a length.
  if (!(bodyBytes >= 0 && bodyBytes <= source.left)) throw notArrow(file, 'a body beyond its end');
  if (message.isSchema()) return { head, bodyBytes, batch: undefined };
  const { length, nodes, buffers } = message.header() as Omit<BatchHeader, 'bodyBytes'>;
  // A row takes at least a byte. Damaged bytes must not make a loop run to a huge number.
  if (!(length <= bodyBytes && nodes.every((node) => node.length === length))) {
    throw notArrow(file, 'more rows than bytes');
  }
  return {
    head,
    bodyBytes,
    batch: message.isRecordBatch() ? { length, nodes, buffers, bodyBytes } : undefined,
  };
}

function decoded(metadata: Uint8Array, file: string): Message {
  try {
    return Message.decode(metadata);
  } catch (thrown) {
    throw notArrow(file, messageOf(thrown), thrown);
  }
}

function notArrow(file: string, what: string, cause?: unknown): BadInputError {
  return new BadInputError(
    'not-an-arrow-file',
    { field: file, value: what, todo: 'give an Arrow IPC file' },
    { cause },
  );
}
