import { connect, type Socket } from 'node:net';

/** One message as bytes of NATS's protocol, including forms that the client library refuses to write. */
export interface RawMessage {
  readonly subject: Uint8Array | string;
  /** The header block as sent; absent: a plain PUB. */
  readonly block?: Uint8Array;
  readonly body: Uint8Array | string;
}

/** A header block of `NATS/1.0` and lines of name, colon and value, without validation. */
export function rawBlock(lines: readonly (readonly [string, string])[]): Uint8Array {
  return Buffer.from(`NATS/1.0\r\n${lines.map(([name, value]) => `${name}:${value}\r\n`).join('')}\r\n`);
}

/** Publishes over a separate socket. @returns errors of the broker; empty if it accepted everything */
export async function publishRaw(url: string, ...messages: readonly RawMessage[]): Promise<string> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    const heard = listen(socket);
    await heard.until(/INFO [^\n]*\n/);
    const account = username
      ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
      : {};
    socket.write(
      `CONNECT ${JSON.stringify({ headers: true, verbose: false, pedantic: false, ...account })}\r\n`,
    );
    for (const { subject, block, body } of messages) {
      const header = block ? Buffer.from(block) : null;
      const payload = Buffer.from(body);
      const size = header ? ` ${header.length} ${header.length + payload.length}` : ` ${payload.length}`;
      socket.write(
        Buffer.concat([
          Buffer.from(header ? 'HPUB ' : 'PUB '),
          Buffer.from(subject),
          Buffer.from(`${size}\r\n`),
          ...(header ? [header] : []),
          payload,
          Buffer.from('\r\n'),
        ]),
      );
    }
    socket.write('PING\r\n');
    await heard.until(/PONG|-ERR/);
    return /-ERR [^\r\n]*/.exec(heard.text())?.[0] ?? '';
  } finally {
    socket.destroy();
  }
}

function listen(socket: Socket): { text: () => string; until: (pattern: RegExp) => Promise<void> } {
  let text = '';
  let look = (): void => undefined;
  let gone: Error | null = null;
  socket.on('data', (bytes) => {
    text += bytes.toString();
    look();
  });
  for (const event of ['error', 'close'] as const)
    socket.on(event, () => {
      gone = new Error(`the broker ended the connection: ${text}`);
      look();
    });
  return {
    text: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(text)) resolve();
          else if (gone) reject(gone);
        };
        look();
      }),
  };
}
