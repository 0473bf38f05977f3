import { RETRAIN_SUBJECT } from '@factory/contracts';
import { TcpForwarder, type Factory } from '@factory/testing';
import { connect } from '@nats-io/transport-node';
import { createConnection } from 'mysql2/promise';

/** Puts a proxy port in front of each source's server; the services must be started afterwards. */
export async function forwardSources(
  factory: Factory,
  sources: readonly string[],
): Promise<ReadonlyMap<string, TcpForwarder>> {
  const forwarders = new Map<string, TcpForwarder>();
  const env = factory.env as Record<string, string>;
  for (const source of sources) {
    const name = `SOURCE_${source.toUpperCase().replaceAll('-', '_')}_URL`;
    const url = new URL(env[name] ?? '');
    const forwarder = await TcpForwarder.open({ host: url.hostname, port: Number(url.port || 3306) });
    forwarders.set(source, forwarder);
    url.host = `127.0.0.1:${forwarder.port}`;
    env[name] = url.href;
  }
  return forwarders;
}

/** Makes a source unavailable and available repeatedly. @returns stops this and leaves the source available */
export function flap(forwarder: TcpForwarder, everyMs: number): () => Promise<void> {
  let stopped = false;
  const flapping = (async () => {
    while (!stopped) {
      await forwarder.close();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      await forwarder.reopen();
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return async () => {
    stopped = true;
    await flapping;
  };
}

/** Requests all products of a source the given number of `times`, like any client. @returns the ids of the requests */
export async function publishRequests(factory: Factory, source: string, times: number): Promise<string[]> {
  const connection = await connect({ servers: factory.env.NATS_URL });
  const ids = Array.from({ length: times }, (_, at) => `${source}-${at + 1}-${Date.now()}`);
  for (const requestId of ids)
    connection.publish(RETRAIN_SUBJECT, JSON.stringify({ productId: 0, source, requestId }));
  await connection.drain();
  return ids;
}

/** Makes readers of a shop's visits wait in the middle of their statement. @returns releases them */
export async function lockVisits(factory: Factory, source: string): Promise<() => Promise<void>> {
  const owner = await createConnection({ uri: factory.env.SOURCE_ADMIN_URL });
  await owner.query('USE ??', [factory.shops.get(source)]);
  await owner.query('LOCK TABLES visit WRITE');
  return () => owner.end();
}
