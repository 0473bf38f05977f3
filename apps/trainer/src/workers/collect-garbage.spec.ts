import { collectGarbage } from './collect-garbage';

it('frees arrays that nobody holds any more', () => {
  const held = () => process.memoryUsage().arrayBuffers;
  const before = held();
  const sum = Array.from({ length: 5 }, () => new Float64Array(1e6).fill(1)[7]!).reduce((a, b) => a + b);
  expect(sum).toBe(5);
  expect(held() - before).toBeGreaterThan(8e6);
  collectGarbage();
  expect(held() - before).toBeLessThan(8e6);
});
