import { BadInputError } from '@factory/domain';
import {
  configuredBroker,
  freshSuffix,
  publishRaw,
  rawBlock,
  testServers,
  until,
  type ConfiguredBroker,
} from '@factory/testing';
import { DiscardPolicy, jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { connectBroker } from './broker-connection';
import { KEPT_BODY_BYTES, isCut } from './dead-letter';
import { DeadLetters } from './dead-letters';
import type { HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import { JetStreamServer } from './jetstream-server';
import type { SettledDelivery } from './jetstream-server-options';
import { OnConsumer } from './on-consumer';
import { provision } from './provision';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';

jest.setTimeout(60_000);

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Refuses every message. */
@Controller()
class Handlers {
  @OnConsumer('work')
  work({ data }: JetStreamMessage): Promise<HandlerOutcome> {
    throw new BadInputError('refused-by-spec', {
      field: 'message',
      value: data.length,
      todo: 'send another',
    });
  }
}
@Module({ controllers: [Handlers] })
class SpecModule {}

interface Setting {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly letters: DeadLetters;
  readonly stream: string;
  readonly dead: string;
  readonly subject: string;
  readonly settled: SettledDelivery[];
  unsettled(): Promise<number>;
}

/** Creates separate streams and a consumer that refuses everything. */
async function setting(url = testServers().natsUrl, adminUrl = url): Promise<Setting> {
  const id = freshSuffix();
  const [stream, dead, subject] = [`LETTERS_${id}`, `LETTERS_DEAD_${id}`, `letters.${id}.work`];
  const admin = await connectBroker({ url: adminUrl, name: 'dead letters spec, admin' });
  const connection = await connectBroker({ url, name: 'dead letters spec' });
  const consumer = { stream, durable: 'work', filterSubject: subject };
  await provision(admin, {
    streams: [
      { name: stream, subjects: [`letters.${id}.>`] },
      { name: dead, subjects: [`dead.letters.${id}.>`] },
    ],
    consumers: [consumer],
  });
  const manager = await jetstreamManager(admin);
  const letters = new DeadLetters(connection, dead);
  const settled: SettledDelivery[] = [];
  const server = new JetStreamServer({
    connection,
    bindings: [{ consumer, pattern: 'work', slots: new Slots(2) }],
    gate: new ProbingGate({ probe: () => Promise.resolve() }),
    deadLetters: letters,
    rebindMs: 100,
    onSettled: (one) => settled.push(one),
  });
  const testing = await Test.createTestingModule({ imports: [SpecModule] }).compile();
  const app: INestMicroservice = testing.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
  cleanUps.push(async () => {
    await app.close();
    for (const name of [stream, dead]) await manager.streams.delete(name).catch(() => undefined);
    await Promise.all([connection.close(), admin.close()]);
  });
  const unsettled = async (): Promise<number> => {
    const info = await manager.consumers.info(stream, 'work');
    return info.num_pending + info.num_ack_pending;
  };
  return { connection, manager, letters, stream, dead, subject, settled, unsettled };
}

describe('a message as large as the broker accepts', () => {
  it.each([0, 1, 5, 50, 500, 1_000, 5_000])('less %d bytes becomes one dead letter', async (less) => {
    const { connection, letters, subject, settled, unsettled, stream } = await setting();
    const most = connection.info?.max_payload ?? 0;
    await jetstream(connection).publish(subject, new Uint8Array(most - less));
    await until(async () => settled.length > 0 && (await unsettled()) === 0, { what: 'it is settled' });
    const listed = await letters.list();
    expect(listed).toMatchObject([
      { bodyBytes: most - less, stream, streamSequence: 1, code: 'refused-by-spec' },
    ]);
    expect(listed[0]?.data.length).toBe(KEPT_BODY_BYTES);
    expect(settled).toMatchObject([{ deadLetter: 'kept', settlement: { kind: 'term' } }]);
  });

  it('most of it headers, becomes one dead letter that counts what it left out', async () => {
    const { connection, letters, subject, settled, unsettled } = await setting();
    const lines = [['fine', 'yes'], ...Array.from({ length: 60 }, (_, at) => [`h${at}`, 'x'.repeat(1_000)])];
    const block = rawBlock(lines as [string, string][]);
    const most = connection.info?.max_payload ?? 0;
    await publishRaw(testServers().natsUrl, { subject, block, body: new Uint8Array(most - block.length) });
    await until(async () => settled.length > 0 && (await unsettled()) === 0, { what: 'it is settled' });
    const [letter, ...others] = await letters.list();
    expect(others).toEqual([]);
    expect(Object.keys(letter?.headers ?? {})).toContain('fine');
    expect(Object.keys(letter?.headers ?? {}).length + (letter?.headersLeftOut ?? 0)).toBe(61);
  });
});

describe('a dead letter that was cut', () => {
  async function cutLetter() {
    const made = await setting();
    const body = Buffer.from(JSON.stringify({ long: 'y'.repeat(200_000) }));
    await jetstream(made.connection).publish(made.subject, body);
    await until(async () => made.settled.length > 0 && (await made.unsettled()) === 0, {
      what: 'it is settled',
    });
    const [letter] = await made.letters.list();
    if (!letter) throw new RangeError('no letter');
    expect([isCut(letter), letter.bodyBytes, letter.data.length]).toEqual([
      true,
      body.length,
      KEPT_BODY_BYTES,
    ]);
    return { ...made, body, letter };
  }

  it('is replayed completely, from the original stream', async () => {
    const { letters, letter, body, manager, stream } = await cutLetter();
    const { sequence } = await letters.replay(letter.sequence, `replay/${freshSuffix()}`);
    const again = await manager.streams.getMessage(stream, { seq: sequence });
    expect(again?.data.length).toBe(body.length);
    expect(Buffer.compare(Buffer.from(again?.data ?? []), body)).toBe(0);
  });

  it('cannot be replayed, with the reason, when the stream no longer has the message', async () => {
    const { letters, letter, manager, stream } = await cutLetter();
    await manager.streams.deleteMessage(stream, letter.streamSequence);
    await expect(letters.replay(letter.sequence, 'x')).rejects.toMatchObject({
      code: 'original-gone',
      message: expect.stringMatching(
        /has 65536 of its 200011 bytes, and the stream no longer has the message/,
      ) as string,
    });
  });

  it('cannot be replayed, with the reason, when another message has its sequence', async () => {
    const { letters, letter, manager, stream, subject, connection } = await cutLetter();
    await manager.streams.delete(stream);
    await manager.streams.add({ name: stream, subjects: [subject] });
    await jetstream(connection).publish(subject, 'another');
    await expect(letters.replay(letter.sequence, 'x')).rejects.toMatchObject({ code: 'original-differs' });
  });
});

describe('a dead letter that the broker does not accept', () => {
  const authorization = (denied: string): string => `
jetstream { store_dir: "$STORE" }
authorization { users: [
  { user: admin, password: a }
  { user: worker, password: w, permissions: { publish: { deny: [${denied}] } } }
] }`;
  const withAccount = ({ url }: ConfiguredBroker, account: string): string =>
    url.replace('//', `//${account}@`);

  it('because dead.> is forbidden, has that error code, is retried with growing delays, and is stored once it is allowed', async () => {
    const broker = await configuredBroker(authorization('"dead.>"'));
    cleanUps.push(() => broker.dispose());
    const made = await setting(withAccount(broker, 'worker:w'), withAccount(broker, 'admin:a'));
    await jetstream(made.connection).publish(made.subject, 'poison');
    await until(() => made.settled.length === 3, { what: 'it came back twice', timeoutMs: 20_000 });
    expect(made.settled.map(({ settlement, deadLetter }) => ({ settlement, deadLetter }))).toEqual(
      [1_000, 2_000, 5_000].map((delayMs) => ({
        settlement: { kind: 'nak', delayMs, pause: false },
        deadLetter: { notKept: 'dead-letters-forbidden' },
      })),
    );
    const { message } = made.settled[0] as SettledDelivery;
    await expect(made.letters.keep({ ...message, code: 'x', reason: 'y', attempts: 0 })).rejects.toThrow(
      /does not allow publishing on dead\.letters\..*: allow the account of NATS_URL to publish on "dead\.>"/,
    );
    expect(made.connection.isClosed()).toBe(false);
    await broker.reconfigure(authorization('"other.>"'));
    await until(async () => (await made.unsettled().catch(() => 1)) === 0, {
      what: 'it is settled',
      timeoutMs: 30_000,
    });
    expect(await made.letters.list()).toHaveLength(1);
    expect(made.settled.at(-1)).toMatchObject({ deadLetter: 'kept' });
  });

  it('because the stream is full, has that error code, and is stored once there is space', async () => {
    const made = await setting();
    const { config } = await made.manager.streams.info(made.dead);
    await made.manager.streams.update(made.dead, { ...config, max_bytes: 100, discard: DiscardPolicy.New });
    await jetstream(made.connection).publish(made.subject, 'poison');
    await until(() => made.settled.length === 1, { what: 'it was tried' });
    expect(made.settled[0]).toMatchObject({
      deadLetter: { notKept: 'dead-letters-full' },
      settlement: { kind: 'nak' },
    });
    await made.manager.streams.update(made.dead, { ...config, max_bytes: -1 });
    await until(async () => (await made.unsettled()) === 0, { what: 'it is settled' });
    expect(await made.letters.list()).toHaveLength(1);
  });

  it('because there is no such stream, has that error code', async () => {
    const made = await setting();
    await made.manager.streams.delete(made.dead);
    await jetstream(made.connection).publish(made.subject, 'poison');
    await until(() => made.settled.length === 1, { what: 'it was tried' });
    expect(made.settled[0]).toMatchObject({ deadLetter: { notKept: 'dead-letters-missing' } });
    await expect(made.letters.list()).rejects.toMatchObject({ code: 'not-provisioned' });
  });
});

describe('the stream of dead letters', () => {
  it('can be read whatever else was published on it', async () => {
    const { letters, connection, dead, subject } = await setting();
    await publishRaw(
      testServers().natsUrl,
      {
        subject: `dead.${subject}`,
        block: rawBlock([
          ['X Trace Id', '1'],
          ['Factory-Sequence', 'no number'],
        ]),
        body: 'a',
      },
      { subject: `dead.${subject}`, block: Buffer.alloc(10), body: Buffer.from([0xff]) },
      { subject: `dead.${subject}`, body: '' },
    );
    const listed = await until(
      async () => ((await letters.list()).length === 3 ? letters.list() : undefined),
      {
        what: 'all three are stored',
      },
    );
    expect(listed.map(({ subject: from }) => from)).toEqual([subject, subject, subject]);
    expect(await letters.show(2)).toMatchObject({ sequence: 2, code: '' });
    expect(await letters.show(1)).toMatchObject({ sequence: 1, streamSequence: 0, bodyBytes: 1 });
    expect((await letters.list(2)).map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect((await letters.list(100, 2)).map(({ sequence }) => sequence)).toEqual([3]);
    await (await jetstreamManager(connection)).streams.deleteMessage(dead, 2);
    expect((await letters.list()).map(({ sequence }) => sequence)).toEqual([1, 3]);
    await expect(letters.show(2)).rejects.toMatchObject({ code: 'unknown-dead-letter' });
  });
});
