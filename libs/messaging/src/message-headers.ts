import { BadInputError, messageOf } from '@factory/domain';
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';

/** What could be read of a message's headers. */
export interface MessageHeaders {
  /** First value of each readable header. */
  readonly values: Readonly<Record<string, string>>;
  /** Names what could not be read; null when everything could. */
  readonly fault: BadInputError | null;
}

const NONE: MessageHeaders = { values: {}, fault: null };
const STATUS_LINE = /^NATS\/1\.0(\s|$)/;
/** Printable ASCII but the colon (NATS ADR-4). */
const NAME = /^[!-9;-~]+$/;
const NAMED = 3;
const SHOWN_CHARACTERS = 30;

/**
 * Reads the headers of a message that anybody may have published. The client library's own `headers` throws at a
 * name that it would not write, wherever it is first looked at, and takes the square of their number in time.
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

/** Reads a header block as it is sent (NATS ADR-4): `NATS/1.0`, then a line a header. Linear in its length. */
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

/** Headers as NATS wants them; what it would refuse to write is left out. */
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

/** The block as it was delivered: the library keeps it beside the body. Null where it does not. */
function headerBytes(message: Msg): Uint8Array | null {
  const { _msg: argument, _rdata: delivered } = message as Msg & { _msg?: unknown; _rdata?: unknown };
  const length = (argument as { hdr?: unknown } | undefined)?.hdr;
  if (typeof length !== 'number' || !(delivered instanceof Uint8Array)) return null;
  return delivered.subarray(0, Math.max(0, length));
}
