import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { RulesInUse } from './rules-in-use';

const KEY = { source: 'main', product: 7, goal: 'sale' };
const gauge = (name: string) =>
  new Gauge<string>({ name, help: name, labelNames: ['file', 'sha256'], registers: [new Registry()] });

describe('rules in use', () => {
  let folder: string;
  let path: string;
  let lines: string[];
  const open = (file: string | undefined) => {
    const log = pino({}, { write: (line: string) => void lines.push(String(JSON.parse(line).msg)) });
    return new RulesInUse(
      file === undefined ? {} : { RULES_FILE: file },
      log,
      gauge('in_use'),
      gauge('faulty'),
    );
  };
  const daysIn = (rules: RulesInUse): number => rules.for(KEY).verdict.freshAfterDays;

  beforeEach(() => {
    jest.useFakeTimers();
    folder = mkdtempSync(join(tmpdir(), 'rules-in-use-'));
    path = join(folder, 'rules.yaml');
    lines = [];
  });
  afterEach(() => {
    jest.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  it('are the defaults without a file', () => {
    const rules = open(undefined);
    rules.onApplicationBootstrap();
    rules.requireValid();
    expect(daysIn(rules)).toBe(14);
    expect(rules.describe()).toEqual({});
    expect(lines).toEqual([]);
    rules.onApplicationShutdown();
  });

  it('are waited for at the start, changed with the file, and kept when its content is bad', () => {
    writeFileSync(path, 'verdict: {minAuc: 1}');
    const rules = open(path);
    rules.onApplicationBootstrap();
    const missing = /^no valid rules are in .*rules\.yaml yet: verdict\.minAuc = 1: remove it/;
    expect(() => rules.requireValid()).toThrow(missing);
    expect(() => rules.for(KEY)).toThrow(missing);
    expect(rules.describe()).toMatchObject({ rules: { sha256: null, fault: 'invalid-rules' } });

    writeFileSync(path, 'products: [{source: main, product: 7, verdict: {freshAfterDays: 3}}]');
    jest.advanceTimersByTime(10_000);
    rules.requireValid();
    expect(daysIn(rules)).toBe(3);
    expect(rules.for({ ...KEY, product: 8 }).verdict.freshAfterDays).toBe(14);

    writeFileSync(path, 'verdict: {freshAfterDays: 0}');
    jest.advanceTimersByTime(10_000);
    rules.requireValid();
    expect(daysIn(rules)).toBe(3);
    expect(rules.describe()).toMatchObject({
      rules: { sha256: expect.any(String), fault: 'invalid-rules' },
    });

    rmSync(path);
    jest.advanceTimersByTime(10_000);
    expect(daysIn(rules)).toBe(3);
    writeFileSync(path, '');
    jest.advanceTimersByTime(10_000);
    expect(daysIn(rules)).toBe(14);
    rules.onApplicationShutdown();
    expect(lines).toEqual([
      expect.stringContaining('rules: waiting for a valid'),
      expect.stringContaining('rules in use: '),
      expect.stringContaining('rules: not all of'),
      expect.stringContaining('RULES_FILE = '),
      expect.stringContaining('rules in use: '),
    ]);
  });

  it('that do not exist are waited for: whoever names a file does not want the defaults', () => {
    expect(() => open(path).requireValid()).toThrow(/RULES_FILE = .*: point to one that can be read/);
  });
});
