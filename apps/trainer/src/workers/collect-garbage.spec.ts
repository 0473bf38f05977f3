import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from './collect-garbage';

const BYTES = 40e6;
const held = () => process.memoryUsage().arrayBuffers;

/** What arrays take once the collector's helper threads have freed what it found, a moment later. */
async function heldAfterCollection(): Promise<number> {
  collectGarbage();
  await sleep(300);
  return held();
}

/** Holds arrays and lets go of them. @returns bytes of arrays while it held them */
function holdArrays(): number {
  const arrays = Array.from({ length: 5 }, () => new Uint8Array(BYTES / 5).fill(1));
  const meanwhile = held();
  return arrays.every((array) => array[7] === 1) ? meanwhile : NaN;
}

it('frees arrays that nobody holds any more', async () => {
  const before = await heldAfterCollection();
  expect(holdArrays() - before).toBeGreaterThanOrEqual(BYTES);
  expect((await heldAfterCollection()) - before).toBeLessThan(BYTES / 5);
});
