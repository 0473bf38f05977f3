import { RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { SourceWaits } from '@factory/ledger';
import { DeadLetters, connectBroker, factoryPlan, provision, type Published } from '@factory/messaging';
import { restartableServer, type RestartableServer } from '@factory/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { SpecFleet, prepared, window } from '../spec-fleet';
import { publishRequest } from './publish-request';
import { requestOutcome, requestState } from './request-state';
import { retrainRequestOf } from './retrain-request';

jest.setTimeout(60_000);

let fleet: SpecFleet;
let server: RestartableServer;
let broker: NatsConnection;

beforeAll(async () => {
  [fleet, server] = await Promise.all([SpecFleet.open(), restartableServer('broker')]);
  broker = await connectBroker({ url: server.env['NATS_URL'] ?? '', name: 'fleet spec' });
});
afterAll(async () => {
  await broker?.close();
  await Promise.all([fleet?.close(), server?.dispose()]);
});

const ask = (requestId: string): Promise<Published> =>
  publishRequest(broker, retrainRequestOf({ product: 7, requestId }, 'ann'));
const stateOf = (requestId: string, published: Published) =>
  requestState(fleet, broker, requestId, published);

describe('a request', () => {
  it('needs a broker that is provisioned', async () => {
    await expect(ask('early')).rejects.toMatchObject({ code: 'not-provisioned' });
    await provision(broker, factoryPlan());
    await expect(ask('early')).resolves.toMatchObject({ stream: STREAMS.requests.name, duplicate: false });
  });

  it('is stored once however often it is published, and is followed until its run has ended', async () => {
    const published = await ask('followed');
    expect(await ask('followed')).toEqual({ ...published, duplicate: true });
    const state = stateOf('followed', published);
    expect([await state.taken(), await state.waiting(), await state.refused()]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    await new SourceWaits(fleet.ledger).recordRequest('followed', 'main', 'unreachable');
    expect(await state.waiting()).toMatchObject({ source: 'main', refused: false });

    const leftOut = [{ item: '12.5', reason: 'no-product-id' }];
    const [run = ''] = await fleet.take('followed', [fleet.newKey()], { leftOut });
    expect(await state.taken()).toBe(true);
    expect(await state.standings()).toMatchObject([{ run, outcome: null, stage: 'data-prep' }]);
    await fleet.did(run, 'data-prep', prepared);
    await fleet.end(run, 'kept', 'not better');
    const standings = await state.standings();
    expect(standings).toMatchObject([{ run, outcome: 'kept', reason: 'not better' }]);
    expect(await requestOutcome(fleet.ledger, 'followed', standings)).toMatchObject({
      runs: [{ run, window: { days: window.days } }],
      leftOut,
    });
  });

  it('that was refused says why, and another’s refusal is not its own', async () => {
    const [mine, others] = [await ask('refused'), await ask('others')];
    const letters = new DeadLetters(broker);
    await letters.keep({
      subject: RETRAIN_SUBJECT,
      data: new TextEncoder().encode('{}'),
      headers: {},
      stream: mine.stream,
      streamSequence: mine.sequence,
      storedAt: new Date(),
      code: 'unknown-product',
      reason: 'use another',
      attempts: 0,
    });
    expect(await stateOf('others', others).refused()).toBeUndefined();
    const state = stateOf('refused', mine);
    expect(await state.refused()).toMatchObject({ code: 'unknown-product', reason: 'use another' });
  });
});
