import { RETRAIN_SUBJECT, STREAMS, subjectOf } from '@factory/contracts';
import { FactoryError } from '@factory/domain';
import { Runs, auditOf } from '@factory/ledger';
import { DeadLetters, connectBroker, factoryPlan, provision, type DeadLetterDraft } from '@factory/messaging';
import { restartableServer, type RestartableServer } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Unchecked } from '../requests/check-request';
import { SpecFleet, change, prepared } from '../spec-fleet';
import { replayLetter } from './replay-letter';

jest.setTimeout(60_000);

let fleet: SpecFleet;
let server: RestartableServer;
let broker: NatsConnection;
let letters: DeadLetters;
let unchecked: Unchecked[];
let place = 4_000;

beforeAll(async () => {
  [fleet, server] = await Promise.all([SpecFleet.open(), restartableServer('broker')]);
  broker = await connectBroker({ url: server.env['NATS_URL'] ?? '', name: 'fleet spec' });
  await provision(broker, factoryPlan());
  letters = new DeadLetters(broker);
});
beforeEach(() => {
  fleet.announced.length = 0;
  unchecked = [];
});
afterAll(async () => {
  await broker?.close();
  await Promise.all([fleet?.close(), server?.dispose()]);
});

/** A dead letter as a service would keep it. @returns its sequence */
async function kept(body: unknown, given: Partial<DeadLetterDraft> = {}): Promise<number> {
  const { sequence } = await letters.keep({
    subject: RETRAIN_SUBJECT,
    data: new TextEncoder().encode(JSON.stringify(body)),
    headers: {},
    stream: STREAMS.requests.name,
    streamSequence: ++place,
    storedAt: new Date(),
    code: 'disk-full',
    reason: 'no space left',
    attempts: 5,
    ...given,
  });
  return sequence;
}

const replay = (sequence: number) =>
  replayLetter(
    {
      ...{ ledger: fleet.ledger, announce: fleet.announce, codeVersion: 'spec' },
      broker,
      sources: {
        declared: () => undefined,
        reading: () => {
          throw new RangeError('nothing is declared');
        },
      },
      onUnchecked: (what) => unchecked.push(what),
    },
    sequence,
    change,
  );

const lastRequest = async (): Promise<number> =>
  (await (await jetstreamManager(broker)).streams.info(STREAMS.requests.name)).state.last_seq;

describe('replaying a dead letter', () => {
  it('of work opens that work again in the ledger, once', async () => {
    const key = fleet.newKey();
    const run = await fleet.startRun('replay-work', key);
    await fleet.did(run, 'data-prep', prepared);
    await fleet.failed(run, 'sampling', new FactoryError('disk-full', 'no space left', false));
    const sequence = await kept(
      { run, shard: '0' },
      { subject: subjectOf('data.prepared', key), stream: STREAMS.runs.name },
    );
    expect(await replay(sequence)).toMatchObject({
      kind: 'work',
      run,
      events: [{ event: 'data.prepared', generation: 1 }],
    });
    expect(fleet.announced).toMatchObject([{ event: 'data.prepared', generation: 1 }]);
    expect(await new Runs(fleet.ledger, 'spec').find(run)).toMatchObject({ outcome: null });
    expect(await auditOf(fleet.ledger, subjectOf('data.prepared', key))).toMatchObject([
      { ...change, action: 'dead-replay', details: { sequence, run, stage: 'sampling' } },
    ]);
    await expect(replay(sequence)).rejects.toMatchObject({ code: 'already-replayed' });
    expect(fleet.announced).toHaveLength(1);
  });

  it('of a request publishes it again, and says what nobody here could check', async () => {
    const sequence = await kept({ productId: 7, requestId: 'replay-request' });
    const before = await lastRequest();
    const replayed = await replay(sequence);
    expect(replayed).toMatchObject({ kind: 'request', published: { sequence: before + 1 } });
    expect(unchecked).toEqual([{ what: 'names' }]);
    await expect(replay(sequence)).rejects.toMatchObject({ code: 'already-replayed' });
    expect(await lastRequest()).toBe(before + 1);
  });

  it.each<[string, () => Promise<number>, string]>([
    ['a request that was taken', () => kept({ productId: 7, requestId: 'taken' }), 'request-taken'],
    ['a request that nobody can read', () => kept({ productId: -1 }), 'unreadable-message'],
    [
      'work that names no run',
      () =>
        kept(
          { shard: '0' },
          { subject: subjectOf('data.prepared', fleet.newKey()), stream: STREAMS.runs.name },
        ),
      'unreadable-message',
    ],
    [
      'work of a run that is not there',
      () =>
        kept(
          { run: '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111', shard: '0' },
          { subject: subjectOf('data.prepared', fleet.newKey()), stream: STREAMS.runs.name },
        ),
      'unknown-run',
    ],
    ['what nobody takes', () => kept({}, { subject: 'factory.other' }), 'no-consumer'],
    ['no letter', () => Promise.resolve(999_999), 'unknown-dead-letter'],
  ])('of %s is refused, and nothing is changed', async (_, letter, code) => {
    await fleet.take('taken', [fleet.newKey()]);
    const before = await lastRequest();
    await expect(replay(await letter())).rejects.toMatchObject({ code });
    expect([fleet.announced, await lastRequest()]).toEqual([[], before]);
  });
});
