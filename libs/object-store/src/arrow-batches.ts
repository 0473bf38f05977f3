import { Message } from 'apache-arrow';
import { BadInputError, messageOf } from '@factory/domain';
import { readArrowFile, type ColumnReader } from './arrow-read';
import type { SizedSource } from './read-verified';

const MAGIC = 'ARROW1';
/** The magic with its padding. */
const HEAD_BYTES = 8;
/** Marks the start of every message, as an int32. */
const CONTINUATION = -1;
/** Batches differ a little in their text: the first one's memory should do for all. */
const SLACK = 1.05;

/**
 * The record batches of an Arrow IPC file one after the other, in the memory of the largest one: its messages stand
 * in order before the footer. The same memory serves every batch, so columns hold only until the next is asked for.
 *
 * @throws BadInputError `not-an-arrow-file`, `file-cut-off`
 */
export function* readArrowBatches(source: SizedSource, file: string): Generator<Map<string, ColumnReader>> {
  const head = Buffer.alloc(HEAD_BYTES);
  source.fill(head);
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notArrow(file, 'no ARROW1 at its start');
  // Schema and dictionaries, kept, and behind them the batch at hand: together an Arrow stream of one batch.
  let memory = new Uint8Array(0);
  let kept = 0;
  let batches = 0;
  for (;;) {
    const message = readMessage(source, file);
    if (!message) return;
    const bodyAt = kept + message.head.length;
    const end = bodyAt + message.bodyBytes;
    if (memory.length < end) memory = moved(memory.subarray(0, kept), Math.ceil(end * SLACK));
    memory.set(message.head, kept);
    source.fill(memory.subarray(bodyAt, end));
    if (message.isBatch) {
      if (kept === 0) throw notArrow(file, 'rows before its schema');
      batches++;
      yield readArrowFile(memory.subarray(0, end), file);
    } else if (batches === 0) {
      kept = end;
    } else {
      throw notArrow(file, 'a dictionary behind the rows that need it');
    }
  }
}

interface MessageHead {
  /** Length prefix and metadata. */
  readonly head: Uint8Array;
  readonly bodyBytes: number;
  readonly isBatch: boolean;
}

/** Undefined at the end of the messages. */
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
  // Nothing is allocated for a length that the file cannot hold.
  if (!(message.bodyLength <= source.left)) throw notArrow(file, 'a body beyond its end');
  checkRows(message, file);
  return { head, bodyBytes: message.bodyLength, isBatch: message.isRecordBatch() };
}

/** A row takes a byte at least. Nobody counts to a number that damaged bytes made. */
function checkRows(message: Message, file: string): void {
  if (message.isSchema()) return;
  const { length, nodes } = message.header() as { length: number; nodes: readonly { length: number }[] };
  if (length <= message.bodyLength && nodes.every((node) => node.length === length)) return;
  throw notArrow(file, 'more rows than bytes');
}

function decoded(metadata: Uint8Array, file: string): Message {
  try {
    return Message.decode(metadata);
  } catch (thrown) {
    throw notArrow(file, messageOf(thrown), thrown);
  }
}

function moved(kept: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array(bytes);
  memory.set(kept);
  return memory;
}

function notArrow(file: string, what: string, cause?: unknown): BadInputError {
  return new BadInputError(
    'not-an-arrow-file',
    { field: file, value: what, todo: 'give an Arrow IPC file' },
    { cause },
  );
}
