import { DEFAULT_POLICY } from '@factory/domain';
import { DatasetMemory, type StatedMemory } from './dataset-memory';
import { PlanRun } from './plan-run';
import type { DatasetWork } from './planning-thread';
import { workHere } from './spec-dataset-work';
import { FakeRunner, groupStore, Pod, refOf, statuses } from './spec-group';
import { specOutcome } from './spec-trials';

/** One task at a time, like the planning thread. */
function oneThread(): DatasetWork {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    fit: (input, open) => inTurn(() => workHere.fit(input, open)),
    matrix: (input, open) => inTurn(() => workHere.matrix(input, open)),
  };
}

describe('a pod that plans and trains at the same time', () => {
  const dataset = refOf('dataset');

  // A group may hold memory and wait for the thread; if a fit held the thread and waited for memory, they would
  // deadlock.
  it('completes everything with memory for one at a time, in any order of arrival', async () => {
    const stated: StatedMemory[] = [];
    const memory = new DatasetMemory(dataset.bytes, (one) => stated.push(one));
    const thread = oneThread();
    const planning = new PlanRun(groupStore, thread, memory);
    const plan = async () => {
      const { groups } = await planning.execute({
        dataset,
        grid: 'quick',
        policy: DEFAULT_POLICY,
        seed: 's',
      });
      return groups.length;
    };
    const train = async (trial: number) =>
      statuses(await new Pod(memory, thread).run(new FakeRunner((one) => specOutcome(one, 0.1)), [trial]));

    const all = await Promise.all([train(1), plan(), train(2), plan(), plan(), train(3)]);
    expect(all).toEqual([['1 done'], 1, ['2 done'], 1, 1, ['3 done']]);
    expect(stated.filter(({ use }) => use === 'fit')).toHaveLength(3);
    expect(Math.max(...stated.map(({ heldBytes }) => heldBytes))).toBe(dataset.bytes);
  });
});
