import { DEAD_PREFIX } from '@factory/contracts';
import { createHash } from 'node:crypto';
import type { StoredMessage } from './stored-message';

/**
 * Maximum length of the message's body in a dead letter, bytes; the rest is in the stream that it came from.
 */
export const KEPT_BODY_BYTES = 65_536;
/** Maximum length of the message's own headers in a dead letter, bytes. */
export const KEPT_HEADER_BYTES = 16_384;

const HEADER = {
  code: 'Factory-Error-Code',
  reason: 'Factory-Error',
  attempts: 'Factory-Attempts',
  stream: 'Factory-Stream',
  streamCreated: 'Factory-Stream-Created',
  sequence: 'Factory-Sequence',
  subject: 'Factory-Subject',
  bodyBytes: 'Factory-Body-Bytes',
  sha256: 'Factory-Body-Sha256',
  headersLeftOut: 'Factory-Headers-Left-Out',
} as const;
const LONGEST_REASON = 1_000;
const LONGEST_CODE = 100;
const LONGEST_SUBJECT = 1_000;
const LONGEST_ORIGINAL_SUBJECT = 12_000;
const LONGEST_MESSAGE_ID = 128;
/** For what the client library adds, with a margin. */
const RESERVED_BYTES = 1_024;
const LINE_BYTES = 4;

/** A message that will not be handled any more, and why. */
export interface DeadLetterDraft {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: string;
  readonly streamSequence: number;
  /** When the stream was created, ISO 8601. */
  readonly streamCreated?: string;
  readonly storedAt: Date;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

/** A dead letter as operators see it. `sequence` identifies it in `dead show` and `dead replay`. */
export interface DeadLetter extends Omit<DeadLetterDraft, 'storedAt'> {
  readonly sequence: number;
  readonly deadSince: Date;
  /** Length of the whole body; if `data` is shorter, it is the beginning of the body. */
  readonly bodyBytes: number;
  /** Of the whole body, as hex; empty for letters of older versions, which contain all of it. */
  readonly sha256: string;
  /** Number of headers of the message that did not fit, or could not be written again. */
  readonly headersLeftOut: number;
}

/** A dead letter as it is published. */
export interface OutgoingLetter {
  readonly subject: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** Whether the letter contains only the beginning of the body. */
export function isCut(letter: Pick<DeadLetter, 'data' | 'bodyBytes'>): boolean {
  return letter.data.length < letter.bodyBytes;
}

export function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Converts a message into a form that the broker accepts, whatever its size and subject.
 *
 * @param maxPayload the broker's limit for headers and body together, bytes
 */
export function outgoingLetter(draft: DeadLetterDraft, maxPayload: number): OutgoingLetter {
  const subject = deadSubject(draft.subject);
  const own: Record<string, string> = {
    [HEADER.code]: cut(oneLine(draft.code), LONGEST_CODE),
    [HEADER.reason]: cut(oneLine(draft.reason), LONGEST_REASON),
    [HEADER.attempts]: String(draft.attempts),
    [HEADER.stream]: draft.stream,
    [HEADER.sequence]: String(draft.streamSequence),
    [HEADER.bodyBytes]: String(draft.data.length),
    [HEADER.sha256]: sha256Of(draft.data),
    ...(draft.streamCreated ? { [HEADER.streamCreated]: draft.streamCreated } : {}),
    ...(subject === DEAD_PREFIX + draft.subject
      ? {}
      : { [HEADER.subject]: encodeURIComponent(draft.subject).slice(0, LONGEST_ORIGINAL_SUBJECT) }),
  };
  const users = userHeaders(draft.headers);
  const left = maxPayload - RESERVED_BYTES - bytesOf(own);
  const kept = thoseThatFit(users, Math.min(KEPT_HEADER_BYTES, left));
  const leftOut = Object.keys(users).length - Object.keys(kept).length;
  const room = Math.max(0, Math.min(KEPT_BODY_BYTES, left - bytesOf(kept)));
  return {
    subject,
    messageId: messageIdOf(draft),
    headers: { ...kept, ...own, ...(leftOut > 0 ? { [HEADER.headersLeftOut]: String(leftOut) } : {}) },
    data: draft.data.subarray(0, room),
  };
}

/**
 * Reads a message of the dead-letter stream; one that the factory did not write is shown as far as possible.
 */
export function letterOf({ subject, sequence, storedAt, data, headers }: StoredMessage): DeadLetter {
  const { values } = headers;
  const created = values[HEADER.streamCreated];
  return {
    sequence,
    deadSince: storedAt,
    subject: originalSubject(values[HEADER.subject]) ?? subject.slice(DEAD_PREFIX.length),
    data,
    headers: userHeaders(values),
    stream: values[HEADER.stream] ?? '',
    streamSequence: count(values[HEADER.sequence], 0),
    ...(created ? { streamCreated: created } : {}),
    code: values[HEADER.code] ?? '',
    reason: values[HEADER.reason] ?? '',
    attempts: count(values[HEADER.attempts], 0),
    bodyBytes: count(values[HEADER.bodyBytes], data.length),
    sha256: values[HEADER.sha256] ?? '',
    headersLeftOut: count(values[HEADER.headersLeftOut], 0),
  };
}

/** Headers that the original publisher set: neither the broker's nor ours. */
export function userHeaders(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !/^(Nats-|Factory-)/i.test(name)));
}

/**
 * The subject of the letter, with characters and a length that every client and the broker's protocol accept.
 */
function deadSubject(subject: string): string {
  const tokens = subject.split('.').map((token) => token.replace(/[^!-~]|^[*>]$/g, '_') || '_');
  return DEAD_PREFIX + cut(tokens.join('.'), LONGEST_SUBJECT).replace(/\.+$/, '');
}

function originalSubject(encoded: string | undefined): string | undefined {
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The same delivery always gives the same id, so that it is stored once. */
function messageIdOf({ headers, stream, streamSequence, storedAt }: DeadLetterDraft): string {
  const original = headers['Nats-Msg-Id'] ?? '';
  const readable = original.length <= LONGEST_MESSAGE_ID && /^[!-~]*$/.test(original);
  return `dead/${readable ? original : ''}/${stream}/${streamSequence}/${storedAt.toISOString()}`;
}

function thoseThatFit(values: Readonly<Record<string, string>>, maxBytes: number): Record<string, string> {
  let left = maxBytes;
  return Object.fromEntries(
    Object.entries(values).filter((entry) => {
      const bytes = lineBytes(entry);
      if (bytes > left) return false;
      left -= bytes;
      return true;
    }),
  );
}

function bytesOf(values: Readonly<Record<string, string>>): number {
  return Object.entries(values).reduce((sum, entry) => sum + lineBytes(entry), 0);
}

function lineBytes([name, value]: readonly [string, string]): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value) + LINE_BYTES;
}

/** A count from a header; it may be invalid, since anybody may publish on the dead-letter stream. */
function count(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' | ');
}

/** At most `longest` UTF-16 units, never half a surrogate pair. */
function cut(text: string, longest: number): string {
  return text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
}
