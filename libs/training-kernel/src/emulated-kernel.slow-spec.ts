import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const TOOL = join(__dirname, '../../../tools/kernel/emulate.mjs');

jest.setTimeout(300_000);

/** Compiles for 64-bit ARM and runs it, in QEMU on other processors. @returns its output lines; throws if it fails */
function emulate(...options: string[]): string[] {
  return execFileSync(process.execPath, [TOOL, ...options], { encoding: 'utf8', stdio: 'pipe' })
    .trim()
    .split('\n');
}

describe('kernel on 64-bit ARM, in QEMU on other processors', () => {
  it('is found by the loader and passes the specs that it passes natively', () => {
    const lines = emulate('specs');
    expect(lines).toContain('loaded: neon');
    for (const group of [
      'kernel build neon',
      'gradients of kernel build neon',
      'network in kernel build neon',
      'loading the kernel',
    ])
      expect(lines).toContainEqual(
        expect.stringMatching(new RegExp(`^${group}: [1-9][0-9]* passed, 0 failed$`)),
      );
  });

  it('processes random shapes without undefined behaviour, and restores the rounding mode', () => {
    expect(emulate('shapes', '20261122', '100')).toEqual(['100 shapes without a fault']);
  });
});
