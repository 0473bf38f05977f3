import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from './collect-garbage';

const BYTES = 40e6;
const held = () => process.memoryUsage().arrayBuffers;

/** Bytes of arrays, shortly after the collector's helper threads have freed the garbage. */
async function heldAfterCollection(): Promise<number> {
  collectGarbage();
  await sleep(300);
  return held();
}

/** Allocates arrays and releases them. @returns bytes of arrays while it held them */
function holdArrays(): number {
  const arrays = Array.from({ length: 5 }, () => new Uint8Array(BYTES / 5).fill(1));
  const meanwhile = held();
  return arrays.every((array) => array[7] === 1) ? meanwhile : NaN;
}

it('frees unreferenced arrays', async () => {
  const before = await heldAfterCollection();
  expect(holdArrays() - before).toBeGreaterThanOrEqual(BYTES);
  expect((await heldAfterCollection()) - before).toBeLessThan(BYTES / 5);
});
