import { parseRetrainRequest, type ConsumerDefinition } from '@factory/contracts';
import { freshSuffix, publishRaw, rawBlock, testServers, until, type RawMessage } from '@factory/testing';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';
import { connectBroker } from './broker-connection';
import { DeadLetters } from './dead-letters';
import type { HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import { JetStreamServer } from './jetstream-server';
import type { SettledDelivery } from './jetstream-server-options';
import { OnConsumer } from './on-consumer';
import { listenToControl, watchProgress } from './progress';
import { provision } from './provision';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';

jest.setTimeout(180_000);

const id = freshSuffix();
const stream = `BYTES_${id}`;
const dead = `BYTES_DEAD_${id}`;
const prefix = `bytes.${id}`;
const consumer: ConsumerDefinition = { stream, durable: 'work', filterSubject: `${prefix}.>` };
const sound = '{"productId": 7}';
const url = (): string => testServers().natsUrl;

let connection: NatsConnection;
let manager: JetStreamManager;
let app: INestMicroservice;
const handled: number[] = [];
const settled: SettledDelivery[] = [];
const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);

/** Reads requests as data-prep does. */
@Controller()
class Handlers {
  @OnConsumer('work')
  work(message: JetStreamMessage): Promise<HandlerOutcome> {
    handled.push(message.streamSequence);
    parseRetrainRequest(message.data);
    return Promise.resolve({ kind: 'done' });
  }
}
@Module({ controllers: [Handlers] })
class SpecModule {}

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  connection = await connectBroker({ url: url(), name: 'any bytes spec' });
  await provision(connection, {
    streams: [
      { name: stream, subjects: [`${prefix}.>`] },
      { name: dead, subjects: [`dead.${prefix}.>`] },
    ],
    consumers: [consumer],
  });
  manager = await jetstreamManager(connection);
  const server = new JetStreamServer({
    connection,
    bindings: [{ consumer, pattern: 'work', slots: new Slots(2) }],
    gate: new ProbingGate({ probe: () => Promise.resolve() }),
    deadLetters: new DeadLetters(connection, dead),
    onSettled: (one) => settled.push(one),
  });
  const testing = await Test.createTestingModule({ imports: [SpecModule] }).compile();
  app = testing.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
});

afterAll(async () => {
  await app.close();
  for (const name of [stream, dead]) await manager.streams.delete(name);
  await connection.close();
  process.off('unhandledRejection', onRejection);
});

/**
 * Publishes the messages and then a valid one, which the stream confirms: by then it has stored or refused the
 * others. Waits until all are answered, and returns the results.
 */
async function settledFrom(...messages: readonly RawMessage[]) {
  const before = await counts();
  const complaint = await publishRaw(url(), ...messages);
  await jetstream(connection).publish(`${prefix}.last`, sound);
  const after = await until(
    async () => {
      const now = await counts();
      return now.waiting === 0 && now.unanswered === 0 && now.settled === now.stored ? now : undefined;
    },
    { what: 'every message is settled', timeoutMs: 20_000, everyMs: 5 },
  );
  return {
    complaint,
    stored: after.stored - before.stored - 1,
    settled: after.settled - before.settled - 1,
    dead: after.dead - before.dead,
    deliveries: after.deliveries - before.deliveries - 1,
  };
}

async function counts() {
  const [work, letters, info] = await Promise.all([
    manager.streams.info(stream),
    manager.streams.info(dead),
    manager.consumers.info(stream, 'work'),
  ]);
  return {
    stored: work.state.last_seq,
    dead: letters.state.last_seq,
    waiting: info.num_pending,
    unanswered: info.num_ack_pending,
    deliveries: info.delivered.consumer_seq,
    settled: settled.length,
  };
}

/** The process has survived: a valid message is still handled, once. */
async function lives(): Promise<void> {
  const before = handled.length;
  const outcome = await settledFrom({ subject: `${prefix}.run`, body: sound });
  expect(outcome).toMatchObject({ stored: 1, deliveries: 1, dead: 0 });
  // It, and the valid message after it.
  expect(handled.length).toBe(before + 2);
  expect(rejections).toEqual([]);
}

const many = (count: number): (readonly [string, string])[] =>
  Array.from({ length: count }, (_, at) => [`Name-${at}`, `value ${at}`] as const);

describe('a message that cannot be decoded', () => {
  const headers: [string, Uint8Array, number][] = [
    ['a blank in a name', rawBlock([['X Trace Id', ' 1']]), 1],
    ['a name that is not ASCII', rawBlock([['Größe', ' 1']]), 1],
    ['an emoji for a name', rawBlock([['🚀', ' 1']]), 1],
    ['no name', rawBlock([['', ' 1']]), 1],
    ['a control character in a name', rawBlock([['a\u0001b', '1']]), 1],
    ['bytes that are not text in a name', Buffer.from('NATS/1.0\r\n\xff\xfe: 1\r\n\r\n', 'latin1'), 1],
    ['a line without a colon', Buffer.from('NATS/1.0\r\nnonsense\r\n\r\n'), 1],
    ['another status line', Buffer.from('HTTP/1.1 200 OK\r\na: b\r\n\r\n'), 1],
    ['a block of zeros', Buffer.alloc(64), 1],
    [
      'a hundred names with blanks',
      rawBlock(many(100).map(([name, value]) => [name.replace('-', ' '), value])),
      1,
    ],
    ['60 kB in a name', rawBlock([['x'.repeat(60_000) + ' ', '1']]), 1],
    ['a value that is not ASCII', rawBlock([['a', ' Größe']]), 0],
    ['bytes that are not text in a value', Buffer.from('NATS/1.0\r\na: \xff\xfe\r\n\r\n', 'latin1'), 0],
    ['an empty value', rawBlock([['a', '']]), 0],
    [
      'a name repeated',
      rawBlock([
        ['a', '1'],
        ['a', '2'],
      ]),
      0,
    ],
    ['a hundred names', rawBlock(many(100)), 0],
    ['60 kB in a value', rawBlock([['a', 'x'.repeat(60_000)]]), 0],
    ['seven thousand names', rawBlock(many(7_000).map(([name]) => [name.slice(5), ''])), 0],
    ['a status', Buffer.from('NATS/1.0 503\r\n\r\n'), 0],
    ['a status that is not a number', Buffer.from('NATS/1.0 none at all\r\n\r\n'), 0],
    [
      'names of Object.prototype',
      rawBlock([
        ['__proto__', '1'],
        ['constructor', '2'],
      ]),
      0,
    ],
    ['an invalid trace context', rawBlock([['traceparent', '00-zz']]), 0],
    ['no lines', Buffer.from('NATS/1.0\r\n\r\n'), 0],
  ];

  it.each(headers)('is settled once, and the process survives: %s', async (_what, block, letters) => {
    const outcome = await settledFrom({ subject: `${prefix}.run`, block, body: sound });
    expect(outcome).toEqual({ complaint: '', stored: 1, settled: 1, deliveries: 1, dead: letters });
    await lives();
  });

  it('becomes one dead letter that names what could not be read and keeps the rest', async () => {
    await settledFrom({
      subject: `${prefix}.run`,
      block: rawBlock([
        ['X Trace Id', '1'],
        ['fine', 'yes'],
      ]),
      body: sound,
    });
    expect((await new DeadLetters(connection, dead).list(1))[0]).toMatchObject({
      code: 'unreadable-headers',
      reason: expect.stringContaining('headers = ["X Trace Id"]') as string,
      headers: { fine: 'yes' },
      attempts: 0,
      stream,
    });
  });

  const bodies: [string, Uint8Array | string, string][] = [
    ['nothing', '', 'not-json'],
    ['bytes that are not text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'not-utf-8'],
    ['a name in another code page', Buffer.from('{"productId":7,"reason":"Größe"}', 'latin1'), 'not-utf-8'],
    ['UTF-16', Buffer.from('\ufeff{"productId":7}', 'utf16le'), 'not-utf-8'],
    ['a list', '[]', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['a hundred thousand brackets', '['.repeat(100_000), 'too-deep'],
    ['a hundred thousand nested lists', `${'['.repeat(1e5)}${']'.repeat(1e5)}`, 'too-deep'],
    ['a deep object', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 'too-deep'],
    ['thirty thousand unknown fields', JSON.stringify(Object.fromEntries(many(30_000))), 'malformed-request'],
    ['__proto__', '{"__proto__":{"productId":7}}', 'malformed-request'],
    ['a product that is a word', '{"productId":"constructor"}', 'malformed-request'],
    ['zeros', Buffer.alloc(1_000), 'not-json'],
  ];
  it.each(bodies)('with any body becomes one dead letter: %s', async (_what, body, code) => {
    const outcome = await settledFrom({ subject: `${prefix}.run`, body });
    expect(outcome).toEqual({ complaint: '', stored: 1, settled: 1, deliveries: 1, dead: 1 });
    const [letter] = await new DeadLetters(connection, dead).list(1);
    expect([letter?.code, (letter?.reason.length ?? 0) <= 1_000]).toEqual([code, true]);
    await lives();
  });

  it('property: random headers, subjects and bodies are settled once each, and the process survives', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 30 }));
    const name = fc.oneof(
      { weight: 3, arbitrary: fc.string({ maxLength: 20 }) },
      { weight: 3, arbitrary: text },
      fc.constantFrom(
        'X Trace Id',
        'Größe',
        '__proto__',
        'constructor',
        'traceparent',
        '',
        ' ',
        'Nats-Foo',
        'Factory-Error',
      ),
    );
    const block = fc.oneof(
      { weight: 5, arbitrary: fc.array(fc.tuple(name, text), { maxLength: 12 }).map(rawBlock) },
      {
        weight: 1,
        arbitrary: fc.array(fc.tuple(name, text), { minLength: 100, maxLength: 100 }).map(rawBlock),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(name, fc.integer({ min: 1, max: 60_000 }))
          .map(([one, size]) => rawBlock([[one, 'y'.repeat(size)]])),
      },
      { weight: 2, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }) },
      { weight: 2, arbitrary: fc.constant(undefined) },
    );
    const token = fc
      .uint8Array({ minLength: 1, maxLength: 12 })
      .map((bytes) =>
        bytes.map((byte) => (byte <= 0x20 || byte === 0x2e || byte === 0x2a || byte === 0x3e ? 0x78 : byte)),
      );
    const subject = fc
      .tuple(
        fc.array(token, { minLength: 1, maxLength: 6 }),
        fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_800 })),
      )
      .map(([tokens, more]) =>
        Buffer.concat([
          Buffer.from(`${prefix}.`),
          ...tokens.flatMap((one, at) => (at === 0 ? [one] : [Buffer.from('.'), one])),
          Buffer.alloc(more, 'z'),
        ]),
      );
    const body = fc.oneof(
      fc.constant(sound),
      fc.uint8Array({ maxLength: 2_000 }),
      fc.json(),
      fc.uint8Array({ minLength: 65_530, maxLength: 65_540 }),
    );
    const message = fc.record({ subject, block, body });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
        const before = settled.length;
        const outcome = await settledFrom(...(messages as RawMessage[]));
        // One delivery and one settlement each: none was redelivered.
        expect(outcome.deliveries).toBe(outcome.stored);
        expect(outcome.settled).toBe(outcome.stored);
        const kinds = settled.slice(before).map((one) => one.settlement.kind);
        expect(kinds.filter((kind) => kind === 'term')).toHaveLength(outcome.dead);
        expect(kinds.filter((kind) => kind === 'ack')).toHaveLength(outcome.stored - outcome.dead + 1);
        expect(new Set(handled).size).toBe(handled.length);
        expect(rejections).toEqual([]);
      }),
      { numRuns: 120 },
    );
    await lives();
  });
});

describe('a message outside of streams that cannot be decoded', () => {
  it('is ignored by listeners to progress and control, which receive the following messages', async () => {
    const heard: string[] = [];
    const stops = [
      listenToControl(connection, (run) => {
        heard.push(run);
        if (run === 'throws') throw new Error('a listener that fails');
      }),
      watchProgress(connection, '*', ({ doing }) => {
        heard.push(doing);
        throw new Error('a listener that fails');
      }),
    ];
    await connection.flush();
    const run = '5b0f6c9e-6a55-4d8e-9a2e-0b6a3d0d3c11';
    const progress = JSON.stringify({
      run,
      stage: 'trials',
      at: '2023-03-31T00:00:00.000Z',
      doing: 'training',
    });
    const blocks = [rawBlock([['X Trace Id', '1']]), Buffer.alloc(8), rawBlock([['Größe', '']])];
    await publishRaw(
      url(),
      ...blocks.flatMap((block) => [
        { subject: 'control.throws', block, body: '' },
        { subject: `progress.${run}`, block, body: Buffer.from([0xff, 0x00]) },
        { subject: Buffer.from('control.\xff\xfe', 'latin1'), block, body: '{' },
      ]),
      { subject: `progress.${run}`, block: rawBlock([['X Trace Id', '1']]), body: progress },
      { subject: 'control.last', body: '' },
    );
    await until(() => heard.includes('last'), { what: 'the last message is heard' });
    for (const stop of stops) stop();
    expect(heard.filter((one) => ['throws', 'training', 'last'].includes(one))).toEqual([
      // The same run: asked for once more only after half a second.
      'throws',
      'training',
      'last',
    ]);
    await lives();
  });

  it('that is too long or contains control characters is shown as one short line', async () => {
    const heard: string[] = [];
    const run = '5b0f6c9e-6a55-4d8e-9a2e-0b6a3d0d3c12';
    const stop = watchProgress(connection, run, ({ doing }) => heard.push(doing));
    await connection.flush();
    for (const doing of ['\u001b[2Jgone\nnext', 'x'.repeat(500_000)])
      connection.publish(
        `progress.${run}`,
        JSON.stringify({ run, stage: 'trials', at: '2023-03-31T00:00:00.000Z', doing }),
      );
    await until(() => heard.length === 2, { what: 'both are heard' });
    stop();
    expect(heard).toEqual([' [2Jgone next', 'x'.repeat(200)]);
  });

  it('is ignored by pulls, even if it is sent to the inbox of the pull', async () => {
    const inboxes: string[] = [];
    const spy = connection.subscribe('$JS.API.CONSUMER.MSG.NEXT.>', {
      callback: (_error, { reply }) => void (reply && inboxes.push(reply)),
    });
    await lives();
    const inbox = await until(() => inboxes.at(-1), { what: 'a pull was seen' });
    spy.unsubscribe();
    const block = rawBlock([['X Trace Id', '1']]);
    await publishRaw(
      url(),
      { subject: inbox, block, body: '' },
      { subject: inbox, block: Buffer.from('NATS/1.0 abc\r\n: \r\n\r\n'), body: 'x' },
      { subject: inbox, body: '' },
    );
    await lives();
  });
});
