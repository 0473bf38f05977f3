import { BadInputError, ServerAwayError } from '@factory/domain';
import { RUN_AGAIN, runAgain } from './run-again';

const deadlock = () => Object.assign(new Error('Deadlock found'), { errno: 1213, code: 'ER_LOCK_DEADLOCK' });

/** Work that fails this many times, and the delays in between. */
async function run(failures: number, error: () => Error = deadlock, random = 0.5) {
  const waited: number[] = [];
  let tries = 0;
  const work = () => (++tries > failures ? Promise.resolve('done') : Promise.reject(error()));
  const outcome = await runAgain(work, {
    random: () => random,
    sleep: (ms) => Promise.resolve(waited.push(ms)),
  }).catch((thrown: unknown) => thrown);
  return { outcome, tries, waited };
}

describe('a transaction that the server rolled back', () => {
  it('is retried until it passes, with doubled delays', async () => {
    const { outcome, waited } = await run(4, deadlock, 0);
    expect(outcome).toBe('done');
    expect(waited).toEqual([10, 20, 40, 80]);
  });

  it('has random delays, so that conflicting transactions do not conflict again', async () => {
    expect((await run(3, deadlock, 0)).waited).toEqual([10, 20, 40]);
    expect((await run(3, deadlock, 0.5)).waited).toEqual([15, 30, 60]);
    expect((await run(3, deadlock, 0.999)).waited.map(Math.round)).toEqual([20, 40, 80]);
  });

  it('is given up after ten attempts within seven seconds, as a busy server', async () => {
    const { outcome, tries, waited } = await run(Infinity, deadlock, 0.999);
    expect(tries).toBe(RUN_AGAIN.tries);
    expect(waited.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(7_000);
    expect(Math.max(...waited)).toBeLessThanOrEqual(RUN_AGAIN.mostMs);
    expect(outcome).toBeInstanceOf(ServerAwayError);
    expect(outcome).toMatchObject({ code: 'database-busy', why: 'busy' });
  });

  it.each([
    ['a lock wait timeout', 1205],
    ['a statement that was killed', 1317],
    ['a statement timeout', 1969],
    ['a rollback by group replication', 3101],
  ])('%s is retried', async (_, errno) => {
    const { outcome, tries } = await run(1, () => Object.assign(new Error('text'), { errno }));
    expect({ outcome, tries }).toEqual({ outcome: 'done', tries: 2 });
  });

  it.each([
    ['a duplicate key', () => Object.assign(new Error('Duplicate entry'), { errno: 1062 })],
    ['a lost connection', () => Object.assign(new Error('lost'), { code: 'PROTOCOL_CONNECTION_LOST' })],
    ['a read-only server', () => Object.assign(new Error('--read-only'), { errno: 1290 })],
    [
      'an error of the factory, whatever caused it',
      () => new BadInputError('x', { field: 'f', value: 1, todo: 't' }, { cause: deadlock() }),
    ],
  ])('%s is not', async (_, error) => {
    const { outcome, tries, waited } = await run(1, error);
    expect(outcome).toBeInstanceOf(Error);
    expect({ tries, waited }).toEqual({ tries: 1, waited: [] });
  });
});
