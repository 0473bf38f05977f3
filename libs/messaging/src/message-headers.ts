import { BadInputError, messageOf } from '@factory/domain';
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';

/** The readable part of a message's headers. */
export interface MessageHeaders {
  /** First value of each readable header. */
  readonly values: Readonly<Record<string, string>>;
  /** Names what could not be read; null if everything could. */
  readonly fault: BadInputError | null;
}

const NONE: MessageHeaders = { values: {}, fault: null };
const STATUS_LINE = /^NATS\/1\.0(\s|$)/;
/** Printable ASCII except the colon (NATS ADR-4). */
const NAME = /^[!-9;-~]+$/;
const NAMED = 3;
const SHOWN_CHARACTERS = 30;

/**
 * Reads the headers of a message from any publisher. The client library's own `headers` throws on access for
 * names that it would not write itself, and takes quadratic time in their number.
 *
 * @returns never throws: `fault` says what could not be read
 */
export function headersOfMessage(message: Msg): MessageHeaders {
  const bytes = headerBytes(message);
  if (bytes) return parseHeaders(bytes);
  try {
    return message.headers ? { values: valuesOf(message.headers), fault: null } : NONE;
  } catch (thrown) {
    return { values: {}, fault: unreadable([messageOf(thrown)]) };
  }
}

/** Parses a header block (NATS ADR-4): `NATS/1.0`, then one line per header. Linear in its length. */
export function parseHeaders(block: Uint8Array): MessageHeaders {
  if (block.length === 0) return NONE;
  const values = new Map<string, string>();
  const faults: string[] = [];
  const [status = '', ...lines] = new TextDecoder().decode(block).split('\r\n');
  if (!STATUS_LINE.test(status)) faults.push(status);
  for (const line of lines) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    if (colon < 0 || !NAME.test(name)) faults.push(name);
    else if (!values.has(name)) values.set(name, line.slice(colon + 1).trim());
  }
  return {
    values: Object.fromEntries(values),
    fault: faults.length > 0 ? unreadable(faults) : null,
  };
}

/** Headers in the form of NATS; those that it would refuse to write are left out. */
export function headersOf(values: Readonly<Record<string, string>>): MsgHdrs {
  const out = headers();
  for (const [name, value] of Object.entries(values)) {
    if (NAME.test(name)) out.set(name, value.replace(/[\r\n]+/g, ' '));
  }
  return out;
}

function valuesOf(found: MsgHdrs): Record<string, string> {
  return Object.fromEntries([...found].map(([name, [value = '']]) => [name, value]));
}

function unreadable(faults: readonly string[]): BadInputError {
  const named = faults.slice(0, NAMED).map((name) => name.slice(0, SHOWN_CHARACTERS));
  return new BadInputError('unreadable-headers', {
    field: 'headers',
    value: faults.length > NAMED ? [...named, `and ${faults.length - NAMED} more`] : named,
    todo: 'publish it again with header names of printable ASCII, without blanks and colons',
  });
}

/** The header block as it was delivered: the library keeps it next to the body. Null if it does not. */
function headerBytes(message: Msg): Uint8Array | null {
  const { _msg: argument, _rdata: delivered } = message as Msg & { _msg?: unknown; _rdata?: unknown };
  const length = (argument as { hdr?: unknown } | undefined)?.hdr;
  if (typeof length !== 'number' || !(delivered instanceof Uint8Array)) return null;
  return delivered.subarray(0, Math.max(0, length));
}
