import { messageIdOf, type ProgressMessage } from '@factory/contracts';
import { freshSuffix, testServers, until } from '@factory/testing';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { connectBroker } from './broker-connection';
import { DeadLetters } from './dead-letters';
import { JetStreamPublisher } from './event-publisher';
import { ProgressPublisher, askToLook, listenToControl, watchProgress } from './progress';
import { provision } from './provision';

const id = freshSuffix();
const stream = `SPEC_${id}`;
const dead = `${stream}_DEAD`;
const subject = (event: string) => `spec.${id}.${event}.main.7`;

let connection: NatsConnection;
let manager: JetStreamManager;
let publisher: JetStreamPublisher;

beforeAll(async () => {
  connection = await connectBroker({ url: testServers().natsUrl, name: 'event-publisher spec' });
  manager = await jetstreamManager(connection);
  await provision(connection, {
    streams: [
      { name: stream, subjects: [`spec.${id}.>`] },
      { name: dead, subjects: [`dead.spec.${id}.>`] },
    ],
    consumers: [],
  });
  publisher = new JetStreamPublisher(connection, { timeoutMs: 2_000 });
});
afterAll(async () => {
  await manager.streams.delete(stream);
  await manager.streams.delete(dead);
  await connection.close();
});

describe('message ids', () => {
  it('keep two events of one stage and shard apart', async () => {
    const run = randomUUID();
    const trained = await publisher.publish(
      subject('trained'),
      {},
      {
        stream,
        messageId: messageIdOf(run, 'model.trained', '0', 0),
      },
    );
    const finished = await publisher.publish(
      subject('finished'),
      {},
      {
        stream,
        messageId: messageIdOf(run, 'run.finished', '0', 0),
      },
    );
    expect(finished).toEqual({ stream, sequence: trained.sequence + 1, duplicate: false });
  });

  it('store the same event once, and return the sequence of the first one', async () => {
    const options = { stream, messageId: messageIdOf(randomUUID(), 'sample.drawn', '0', 0) };
    const first = await publisher.publish(subject('drawn'), {}, options);
    const again = await publisher.publish(subject('drawn'), {}, options);
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it('apply across the subjects of a stream', async () => {
    const options = { stream, messageId: messageIdOf(randomUUID(), 'run.queued', '0', 0) };
    const first = await publisher.publish(subject('queued'), {}, options);
    const elsewhere = await publisher.publish(subject('other'), {}, options);
    expect(elsewhere).toEqual({ ...first, duplicate: true });
  });

  it('do not drop a raised generation', async () => {
    const run = randomUUID();
    const [first, second] = await Promise.all(
      [0, 1].map((generation) =>
        publisher.publish(
          subject('drawn'),
          {},
          {
            stream,
            messageId: messageIdOf(run, 'sample.drawn', '0', generation),
          },
        ),
      ),
    );
    expect(second?.sequence).not.toBe(first?.sequence);
  });
});

describe('publishing', () => {
  it('carries body and headers', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { sequence } = await publisher.publish(
      subject('drawn'),
      { run: 'ü' },
      {
        stream,
        messageId: randomUUID(),
        headers: { traceparent },
      },
    );
    const stored = await manager.streams.getMessage(stream, { seq: sequence });
    expect(stored?.json()).toEqual({ run: 'ü' });
    expect(stored?.header.get('traceparent')).toBe(traceparent);
  });

  it('on a subject without a stream waits for the broker to be provisioned', async () => {
    await expect(
      publisher.publish(`nowhere.${id}`, {}, { stream, messageId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'broker-away', retryable: true });
  });

  it('on a subject of another stream than expected is refused, not stored', async () => {
    const before = (await manager.streams.info(stream)).state.messages;
    await expect(
      publisher.publish(subject('drawn'), {}, { stream: dead, messageId: randomUUID() }),
    ).rejects.toThrow(/expected stream does not match/);
    expect((await manager.streams.info(stream)).state.messages).toBe(before);
  });

  it('over a closed connection is an outage, not a failure of the work', async () => {
    const closed = await connectBroker({ url: testServers().natsUrl, name: 'closed' });
    await closed.close();
    await expect(
      new JetStreamPublisher(closed).publish(subject('drawn'), {}, { stream, messageId: randomUUID() }),
    ).rejects.toMatchObject({ code: 'broker-away' });
  });

  it('returns when the stream was created', async () => {
    expect(await publisher.streamCreated(stream)).toBe((await manager.streams.info(stream)).created);
  });
});

describe('dead letters', () => {
  const draft = (streamSequence: number) => ({
    subject: subject('drawn'),
    data: new TextEncoder().encode(JSON.stringify({ n: streamSequence })),
    headers: { traceparent: 'kept', 'Nats-Msg-Id': 'run/sample.drawn/0/0' },
    stream,
    streamSequence,
    storedAt: new Date('2023-03-31T00:00:00.000Z'),
    code: 'out-of-memory',
    reason: 'first line\nsecond line',
    attempts: 5,
  });
  const letters = () => new DeadLetters(connection, dead);

  it('are stored once for one message, however often they are published', async () => {
    const first = await letters().keep(draft(11));
    const again = await letters().keep(draft(11));
    expect(again).toEqual({ ...first, duplicate: true });
  });

  it('are listed oldest first, only the newest of many', async () => {
    await letters().keep(draft(12));
    await letters().keep(draft(13));
    const listed = await letters().list(2);
    expect(listed.map(({ streamSequence }) => streamSequence)).toEqual([12, 13]);
    expect(listed[0]).toMatchObject({
      subject: subject('drawn'),
      code: 'out-of-memory',
      reason: 'first line | second line',
      attempts: 5,
      headers: { traceparent: 'kept' },
    });
  });

  it('are published again on their original subject, under a new id', async () => {
    const [letter] = await letters().list(1);
    const sequence = letter?.sequence ?? 0;
    const replayed = await letters().replay(sequence, `run/sample.drawn/0/${freshSuffix()}`);
    const stored = await manager.streams.getMessage(stream, { seq: replayed.sequence });
    expect(stored?.subject).toBe(subject('drawn'));
    expect(stored?.json()).toEqual({ n: 13 });
    expect(stored?.header.get('Factory-Replay-Of')).toBe(String(sequence));
    expect(await letters().show(sequence)).toEqual(letter);
  });

  it('that do not exist are refused by sequence', async () => {
    await expect(letters().show(4_711)).rejects.toMatchObject({ code: 'unknown-dead-letter' });
  });
});

describe('progress and control', () => {
  const message = (run: string, doing: string): ProgressMessage => ({
    run,
    stage: 'trials',
    at: '2023-03-31T00:00:00.000Z',
    doing,
  });

  it('is sent at most once per interval and run, except important messages', async () => {
    const [run, other] = [randomUUID(), randomUUID()];
    const heard: string[] = [];
    const stop = watchProgress(connection, '*', ({ run: whose, doing }) => {
      if (whose === run || whose === other) heard.push(doing);
    });
    let now = 0;
    const progress = new ProgressPublisher(connection, { minIntervalMs: 250, now: () => now });
    progress.publish(message(run, 'first'));
    progress.publish(message(run, 'too soon'));
    progress.publish(message(other, 'another run'));
    progress.publish(message(run, 'ended'), true);
    now = 500;
    progress.publish(message(run, 'later'));
    await until(() => heard.includes('later'), { what: 'the last message was heard' });
    stop();
    expect(heard).toEqual(['first', 'another run', 'ended', 'later']);
  });

  it('asks all workers to check one run', async () => {
    const run = randomUUID();
    const asked: string[] = [];
    const stop = listenToControl(connection, (one) => asked.push(one));
    askToLook(connection, run);
    await until(() => asked.includes(run), { what: 'the worker was asked' });
    stop();
  });

  it('asks them once at the beginning and once at the end of a flood', async () => {
    const [run, other] = [randomUUID(), randomUUID()];
    const asked: string[] = [];
    const stop = listenToControl(connection, (one) => asked.push(one));
    for (let at = 0; at < 10_000; at++) askToLook(connection, run);
    askToLook(connection, other);
    await until(() => asked.includes(other), { what: 'another run is looked at meanwhile' });
    await until(() => asked.filter((one) => one === run).length >= 2, { what: 'it is looked at once more' });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked.filter((one) => one === run).length).toBeLessThanOrEqual(10);
    for (let at = 0; at < 5_000; at++) askToLook(connection, `made-up-${at}`);
    await connection.flush();
    expect(asked.length).toBeLessThan(1_030);
    stop();
  });
});
