import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const TOOL = join(__dirname, '../../../tools/kernel/sanitize.mjs');

jest.setTimeout(300_000);

/** Compiles with the sanitizers (the tool installs a compiler if there is none) and runs each instruction set. */
function sanitize(...options: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...options], { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

describe('kernel under AddressSanitizer and UndefinedBehaviorSanitizer', () => {
  it('processes a thousand random shapes without a fault, and restores the floating-point mode', () => {
    const output = execFileSync(process.execPath, [TOOL, '20261122', '1000'], { encoding: 'utf8' });
    const lines = output.trim().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/: 1000 shapes without a fault$/);
  });

  it('aborts at a row past the last one', () => {
    const { code, output } = sanitize('1', '200', 'beyond');
    expect(code).toBe(1);
    expect(output).toContain('AddressSanitizer: heap-buffer-overflow');
  });
});
