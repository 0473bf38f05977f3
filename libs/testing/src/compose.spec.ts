import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from './repository';

interface Service {
  image: string;
  ports: string[];
  volumes: string[];
  healthcheck: { test: string[] };
  configs?: { source: string }[];
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  configs: Record<string, { content: string }>;
}

const compose = parse(readFileSync(join(repositoryRoot(), 'docker', 'compose.yml'), 'utf8')) as Compose;
const services = Object.entries(compose.services);

describe('docker/compose.yml', () => {
  it('runs the same three servers as the stack, with their versions pinned', () => {
    expect(Object.fromEntries(services.map(([name, { image }]) => [name, image]))).toEqual({
      nats: 'nats:2.15.1-alpine',
      mysql: 'mysql:8.4',
      seaweedfs: 'chrislusf/seaweedfs:4.48',
    });
  });

  it.each(services)(
    '%s listens on loopback only, on a port that the stack can choose',
    (_name, { ports }) => {
      expect(ports.length).toBeGreaterThan(0);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{FACTORY_[A-Z0-9_]+_PORT:-\d+\}:\d+$/);
    },
  );

  it.each(services)('%s has a health check and keeps its data in a named volume', (_name, service) => {
    expect(service.healthcheck.test[0]).toMatch(/^CMD/);
    const named = service.volumes.map((volume) => volume.split(':')[0]);
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
  });

  it('reads exactly the variables that the stack sets', async () => {
    const text = readFileSync(join(repositoryRoot(), 'docker', 'compose.yml'), 'utf8');
    const stack = readFileSync(join(repositoryRoot(), 'tools', 'stack', 'docker.mjs'), 'utf8');
    const names = (source: string): string[] => [...new Set(source.match(/FACTORY_[A-Z0-9_]+/g))].sort();
    expect(names(text)).toEqual(names(stack));
  });

  it('gives the store one identity, as valid JSON after its variables are filled in', () => {
    const content = compose.configs.identities!.content.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
    expect(JSON.parse(content)).toMatchObject({
      identities: [{ name: 'factory', credentials: [{ accessKey: 'factory', secretKey: 'factory-secret' }] }],
    });
    expect(compose.services.seaweedfs!.configs).toEqual([expect.objectContaining({ source: 'identities' })]);
  });
});
