import type { StageWork } from '@factory/stage';
import { PrepareRun } from './prepare-run';

it('a run of a product that was retired after it was taken is skipped before its source is read', async () => {
  const state = {
    state: 'retired' as const,
    until: null,
    reason: 'sold no more',
    by: 'ann',
    since: new Date('2030-01-01T00:00:00Z'),
  };
  const untouched = (): never => {
    throw new RangeError('it was read');
  };
  const prepare = new PrepareRun(
    { execute: untouched },
    { put: untouched },
    { find: () => Promise.resolve(state) },
  );
  const work = { input: { source: 'main', product: 7, goal: 'sale' }, tell: untouched };
  await expect(prepare.execute(work as unknown as StageWork<'data-prep'>)).rejects.toMatchObject({
    name: 'RunSkippedError',
    reason: 'retired',
    message: expect.stringContaining('factory release --product 7 --source main --goal sale') as string,
  });
});
