import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Target of connections. */
export interface ForwardingTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * A loopback port in front of a server, for network faults: connections that are
 * cut, an address that moves, a connection that transmits nothing.
 */
export class TcpForwarder {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private swallowing = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    /** May be changed: affects new connections. */
    public target: ForwardingTarget,
    private readonly onSent: (forwarder: TcpForwarder) => void,
  ) {}

  /**
   * @param onSent called after each chunk of a client's data was forwarded: usually a command
   */
  static async open(
    target: ForwardingTarget,
    onSent: (forwarder: TcpForwarder) => void = () => undefined,
  ): Promise<TcpForwarder> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const forwarder = new TcpForwarder(server, (server.address() as AddressInfo).port, target, onSent);
    server.on('connection', (client) => forwarder.take(client));
    return forwarder;
  }

  /** Connections in progress. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Ends every connection abruptly, like a killed process or a broken network. */
  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.pairs.clear();
  }

  /** From now on connections are accepted but nothing is forwarded, in either direction, like a network that drops packets. */
  swallow(on: boolean): void {
    this.swallowing = on;
    for (const pair of this.pairs)
      for (const socket of pair) {
        if (on) socket.pause();
        else socket.resume();
      }
  }

  /** Refuses connections and cuts those in progress. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }

  /** Accepts connections again after `close`, on the same port. */
  async reopen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  private take(client: Socket): void {
    const server = connect(this.target.port, this.target.host);
    const pair = [client, server] as const;
    this.pairs.add(pair);
    const end = (): void => {
      this.pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('error', end);
      from.on('close', end);
      from.on('data', (data) => {
        to.write(data);
        if (from === client) this.onSent(this);
      });
      if (this.swallowing) from.pause();
    }
  }
}
