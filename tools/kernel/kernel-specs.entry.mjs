import { loadKernel } from '@factory/training-kernel';
import { expect } from 'expect';
import * as circus from 'jest-circus';

/**
 * Runs the kernel's own specs in a plain process, with the parts of Jest that run tests and compare values: the whole of Jest
 * needs native packages, which are installed for this machine's processor only. Prints the build that the loader chose,
 * and a line for each group of tests.
 */
async function main() {
  const { afterAll, beforeAll, describe, it } = circus;
  Object.assign(globalThis, { afterAll, beforeAll, describe, expect, it });
  await import('../../libs/training-kernel/src/kernel-training.spec.ts');
  await import('../../libs/training-kernel/src/kernel-gradients.spec.ts');
  await import('../../libs/training-kernel/src/kernel-network.spec.ts');

  // WebAssembly is the same module on every processor.
  const testNamePattern = /^(?!.*kernel build wasm)/;
  circus.setState({ ...circus.getState(), testNamePattern, testTimeout: 60_000 });
  const { testResults, unhandledErrors } = await circus.run();

  const { build, note } = loadKernel();
  console.log(`loaded: ${note ? `${build.name} (${note})` : build.name}`);
  /** @type {Map<string, {passed: number, failed: number}>} */
  const groups = new Map();
  for (const { status, testPath, errors } of testResults) {
    if (status === 'skip') continue;
    const [, group = ''] = testPath;
    const counts = groups.get(group) ?? { passed: 0, failed: 0 };
    counts[errors.length > 0 ? 'failed' : 'passed']++;
    groups.set(group, counts);
    for (const error of errors) console.error(`${testPath.slice(1).join(' > ')}\n${error}\n`);
  }
  for (const error of unhandledErrors) console.error(error);
  for (const [group, { passed, failed }] of groups)
    console.log(`${group}: ${passed} passed, ${failed} failed`);
  const sound = unhandledErrors.length === 0 && [...groups.values()].every(({ failed }) => failed === 0);
  process.exitCode = sound ? 0 : 1;
}

void main();
