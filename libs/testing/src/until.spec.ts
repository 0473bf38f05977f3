import { until } from './until';

describe('until', () => {
  it('returns the awaited value once it is there', async () => {
    let looks = 0;
    await expect(until(() => ++looks === 3 && 'here', { what: 'it is here', everyMs: 1 })).resolves.toBe(
      'here',
    );
    expect(looks).toBe(3);
  });

  it('treats an error as "not yet"', async () => {
    let looks = 0;
    const look = () => {
      if (++looks < 3) throw new RangeError('too early');
      return looks;
    };
    await expect(until(look, { what: 'no more errors', everyMs: 1 })).resolves.toBe(3);
  });

  it('fails with the awaited condition and the last value', async () => {
    const never = until(() => 0, { what: 'the run has ended', timeoutMs: 20, everyMs: 5 });
    await expect(never).rejects.toThrow('waited 20 ms until the run has ended; last value: 0');
    const broken = until(() => Promise.reject(new Error('away')), { what: 'it answers', timeoutMs: 20 });
    await expect(broken).rejects.toThrow('waited 20 ms until it answers; last error: away');
  });
});
