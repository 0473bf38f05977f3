import { SourcesFile } from '@factory/source';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { SourcesInUse } from './sources-in-use';

const SOUND = `sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg, key: visit_id, missing: zero }]
`;

const gauge = (name: string) =>
  new Gauge<string>({ name, help: name, labelNames: ['file', 'sha256'], registers: [new Registry()] });

it('a change of sources.yaml is logged once, even if a use of the file has read it first', () => {
  jest.useFakeTimers();
  const folder = mkdtempSync(join(tmpdir(), 'sources-in-use-'));
  const path = join(folder, 'sources.yaml');
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(String(JSON.parse(line).msg)) });
  const file = SourcesFile.watch(path);
  const sources = new SourcesInUse(file, undefined, log, gauge('in_use'), gauge('faulty'));
  try {
    sources.onApplicationBootstrap();
    writeFileSync(path, SOUND);
    expect(file.all().size).toBe(1);
    jest.advanceTimersByTime(10_000);
    writeFileSync(path, 'sources: [');
    expect(file.all().size).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(lines).toEqual([
      expect.stringContaining('sources: waiting for a valid'),
      'sources in use: main',
      expect.stringContaining('sources: not all of'),
    ]);
  } finally {
    sources.onApplicationShutdown();
    jest.useRealTimers();
    rmSync(folder, { recursive: true });
  }
});
