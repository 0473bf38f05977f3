import { SourceWaits } from '@factory/ledger';
import { SpecFleet } from '../spec-fleet';
import { listRuns } from './list-runs';

let fleet: SpecFleet;
let waits: SourceWaits;
beforeAll(async () => {
  fleet = await SpecFleet.open();
  waits = new SourceWaits(fleet.ledger);
});
afterAll(() => fleet?.close());

const list = (filter: Parameters<typeof listRuns>[1] = {}) => listRuns(fleet.ledger, filter, 'spec');
const queued = (run: string) => ({ run, stage: 'data-prep', shard: '0' });

describe('runs that are listed', () => {
  it('are the latest first, by source, product, request and whether they are in flight', async () => {
    const [de, at] = [fleet.newKey('shop-de'), fleet.newKey('shop-at')];
    const first = await fleet.startRun('list-1', de);
    const second = await fleet.startRun('list-2', at);
    await fleet.end(first, 'kept', 'not better');
    const third = await fleet.startRun('list-3', de);
    const idsOf = async (filter: Parameters<typeof listRuns>[1]) =>
      (await list(filter)).runs.map(({ run }) => run);
    expect(await idsOf({})).toEqual([third, second, first]);
    expect(await idsOf({ limit: 1 })).toEqual([third]);
    expect(await idsOf({ source: 'shop-de' })).toEqual([third, first]);
    expect(await idsOf({ source: 'shop-de', active: true })).toEqual([third]);
    expect(await idsOf({ product: at.product })).toEqual([second]);
    expect(await idsOf({ requestKey: 'list-1' })).toEqual([first]);
    expect((await list({ requestKey: 'list-1' })).runs[0]).toMatchObject({
      ...de,
      outcome: 'kept',
      reason: 'not better',
      waiting: null,
    });
  });

  it('say which source they wait for, as long as they are in flight', async () => {
    const [waits1, waits2, goesOn] = await fleet.take('list-waits', [
      fleet.newKey('far'),
      fleet.newKey('far'),
      fleet.newKey('near'),
    ]);
    await waits.recordWork(queued(waits1!), 'unreachable');
    await waits.recordWork(queued(waits2!), 'refused');
    const { runs, waiting } = await list({ requestKey: 'list-waits' });
    const waitOf = new Map(runs.map((one) => [one.run, one.waiting]));
    expect(waitOf.get(waits1!)).toMatchObject({ source: 'far', refused: false });
    expect(waitOf.get(waits2!)).toMatchObject({ source: 'far', refused: true });
    expect(waitOf.get(goesOn!)).toBeNull();
    expect(waiting).toMatchObject([{ source: 'far', runs: 2, requests: 0, refused: true }]);
    expect((await list({ source: 'near' })).waiting).toEqual([]);

    await fleet.end(waits2!, 'skipped', 'deadline');
    const later = await list({ requestKey: 'list-waits' });
    expect(later.runs.find(({ run }) => run === waits2)?.waiting).toBeNull();
    expect(later.waiting).toMatchObject([{ source: 'far', runs: 1, refused: false }]);
  });

  it('of a request that is not taken are none, and it says what it waits for', async () => {
    await waits.recordRequest('list-request', 'gone', 'refused');
    expect(await list({ requestKey: 'list-request' })).toMatchObject({
      runs: [],
      requestWaits: { source: 'gone', refused: true },
      leftOut: [],
    });
    expect((await list()).requestWaits).toBeUndefined();
  });

  it('of a request say which products could have none', async () => {
    const leftOut = [{ item: 'NULL', reason: 'no-product-id' }];
    await fleet.take('list-left-out', [fleet.newKey()], { leftOut });
    expect((await list({ requestKey: 'list-left-out' })).leftOut).toEqual(leftOut);
    expect((await list()).leftOut).toEqual([]);
  });
});
