import { RETRAIN_SUBJECT, STREAMS, subjectOf } from '@factory/contracts';
import { FactoryError } from '@factory/domain';
import { Runs, StageClaims, StageCommits } from '@factory/ledger';
import { DeadLetters, type DeadLetterDraft } from '@factory/messaging';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { SpecFactory, key } from '../spec-kit/spec-factory';

const fault = new FactoryError('disk-full', 'no space left', true);

describe('factory dead', () => {
  let factory: SpecFactory;
  let letters: DeadLetters;
  let place = 4_000;

  beforeAll(async () => {
    factory = await SpecFactory.open();
    letters = new DeadLetters(factory.broker);
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  /** A dead letter as a service would store it. @returns its sequence */
  async function kept(body: unknown, given: Partial<DeadLetterDraft> = {}): Promise<number> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { sequence } = await letters.keep({
      subject: RETRAIN_SUBJECT,
      data: new TextEncoder().encode(text),
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

  const replay = (sequence: number, ...more: string[]) =>
    factory.cli.run('dead', 'replay', String(sequence), ...more);

  async function lastOf(stream: string): Promise<number> {
    return (await (await jetstreamManager(factory.broker)).streams.info(stream)).state.last_seq;
  }

  it('lists and shows', async () => {
    const sequence = await kept({ productId: -1 }, { code: 'malformed-request', attempts: 0 });
    const listed = await factory.cli.json<{ sequence: number }[]>('dead', 'list');
    expect(listed.at(-1)).toMatchObject({
      sequence,
      code: 'malformed-request',
      message: { productId: -1 },
      cut: false,
    });
    expect((await factory.cli.run('dead', 'show', String(sequence))).stdout).toContain('"productId": -1');
    expect(await factory.cli.run('dead', 'show', '999999')).toMatchObject({ code: 2 });
  });

  it('shows a message of any bytes without moving the cursor', async () => {
    const escape = '\u001b[2J';
    const sequence = await kept(`${escape}gone\u0000`, {
      subject: `factory.run.${escape}.x`,
      reason: `${escape}why`,
    });
    for (const words of [['show', String(sequence)], ['list']]) {
      const { code, stdout } = await factory.cli.run('dead', ...words);
      expect([code, stdout.includes('\ufffd[2J'), stdout.includes('\u001b')]).toEqual([0, true, false]);
    }
  });

  it('shows that a message was cut, and how long it was', async () => {
    const sequence = await kept('x'.repeat(100_000));
    const { stdout } = await factory.cli.run('dead', 'show', String(sequence));
    expect(stdout).toContain('its first 65536 of 100000 bytes');
    expect(await replay(sequence)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('original-gone') as string,
    });
  });

  describe('replay of a request', () => {
    it('publishes it again, once; the audit says by whom and why, and so does the second replay', async () => {
      const sequence = await kept({ productId: 7 });
      const { published } = await factory.cli.json<{ published: { sequence: number } }>(
        ...['dead', 'replay', String(sequence), '--reason', 'fixed'],
      );
      const again = await factory.stored(STREAMS.requests.name, { seq: published.sequence });
      expect([again.subject, again.text]).toEqual([RETRAIN_SUBJECT, '{"productId":7}']);
      expect(await factory.auditRows('dead-replay')).toEqual([
        { who: 'ann', reason: 'fixed', subject: RETRAIN_SUBJECT },
      ]);
      const last = await lastOf(STREAMS.requests.name);
      expect(await replay(sequence)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/already-replayed.*ann replayed it at .* \(fixed\)/) as string,
      });
      expect(await lastOf(STREAMS.requests.name)).toBe(last);
    });

    it('that was cut off before the audit is repeated, not doubled', async () => {
      const sequence = await kept({ productId: 7, reason: 'cut off' });
      await letters.replay(sequence, `replay/${await letters.created()}/${sequence}`);
      const last = await lastOf(STREAMS.requests.name);
      expect(await replay(sequence)).toMatchObject({ code: 0 });
      expect(await lastOf(STREAMS.requests.name)).toBe(last);
    });

    it('larger than a letter is published whole, from its stream', async () => {
      const body = JSON.stringify({ productId: 7, reason: 'y'.repeat(400) }) + ' '.repeat(80_000);
      // A stream whose messages somebody has allowed to be larger.
      const { streams } = await jetstreamManager(factory.broker);
      await streams.update(STREAMS.requests.name, { max_msg_size: 100_000 });
      const ack = await jetstream(factory.broker).publish(RETRAIN_SUBJECT, body);
      const sequence = await kept(body, { streamSequence: ack.seq });
      const { published } = await factory.cli.json<{ published: { sequence: number } }>(
        'dead',
        'replay',
        String(sequence),
      );
      expect((await factory.stored(STREAMS.requests.name, { seq: published.sequence })).text).toBe(body);
    });

    it.each([
      [
        'no JSON',
        '{',
        /unreadable-message.*refused again.*not-json|unreadable-message.*send a JSON object.*`factory retrain`/,
      ],
      [
        'a product that cannot be',
        '{"productId":-1}',
        /unreadable-message.*productId = -1.*`factory retrain`/,
      ],
      ['another subject', '{}', /no-consumer/],
    ])('that would have no effect is refused with an explanation: %s', async (what, body, says) => {
      const given = what === 'another subject' ? { subject: 'factory.scoring.requested' } : {};
      const last = await lastOf(STREAMS.requests.name);
      const { code, stderr } = await replay(await kept(body, given));
      expect([code, stderr]).toEqual([2, expect.stringMatching(says)]);
      expect(await lastOf(STREAMS.requests.name)).toBe(last);
    });

    it.each([
      ['a source that is not declared', { source: 'nowhere' }, 'unknown-source'],
      ['a goal that its source does not have', { goal: 'nothing' }, 'unknown-goal'],
      ['a goal that every object has', { goal: 'constructor' }, 'unknown-goal'],
      ['a goal of a source by name', { source: 'main', goal: 'nothing' }, 'unknown-goal'],
    ])('that would be refused again is refused with its code: %s', async (_what, asked, says) => {
      const last = await lastOf(STREAMS.requests.name);
      const sequence = await kept({ productId: 7, ...asked }, { code: says });
      expect(await replay(sequence)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(`${says}.*refused again`) as string,
      });
      expect(await lastOf(STREAMS.requests.name)).toBe(last);
    });

    it('whose id is taken is refused with where its runs are', async () => {
      await factory.startRun('nightly-7');
      const { code, stderr } = await replay(await kept({ productId: 7, requestId: 'nightly-7' }));
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/request-taken.*`factory runs --request nightly-7`/),
      ]);
    });

    it('without an id is refused too when its stream sequence is taken', async () => {
      const created = '2023-03-01T00:00:00Z';
      const sequence = await kept({ productId: 7 }, { streamCreated: created });
      await factory.startRun(`${created}:${place}`);
      expect((await replay(sequence)).stderr).toMatch(/request-taken/);
    });
  });

  describe('replay of work', () => {
    const subject = subjectOf('run.queued', key);

    /** A run whose first stage used up its attempts, and its dead letter. */
    async function givenUp(requestKey: string): Promise<{ run: string; sequence: number }> {
      const run = await factory.startRun(requestKey);
      const claims = new StageClaims(factory.ledger);
      for (let attempt = 0; attempt < 5; attempt++) {
        const answer = await claims.claim({ run, stage: 'data-prep', shard: '0' }, 'worker-1');
        if (answer.kind !== 'claimed') throw new RangeError(answer.kind);
        await new StageCommits(factory.ledger, 'spec').fail(answer.claim, fault);
      }
      return { run, sequence: await kept({ v: 1, run, shard: '0' }, { subject, stream: STREAMS.runs.name }) };
    }

    it('reopens it with fresh attempts, under a new message id, and is audited', async () => {
      const { run, sequence } = await givenUp('given-up-1');
      const stored = {
        code: 0,
        stdout: expect.stringContaining('resumed with fresh attempts: run.queued 0') as string,
      };
      expect(await replay(sequence, '--reason', 'disk is free')).toMatchObject(stored);
      const { message, body } = await factory.stored(STREAMS.runs.name, { last_by_subj: subject });
      expect(message?.header.get('Nats-Msg-Id')).toBe(`${run}/run.queued/0/1`);
      expect(body).toMatchObject({ run, ...key });
      expect(await new Runs(factory.ledger, 'spec').find(run)).toMatchObject({ outcome: null });
      expect(
        await new StageClaims(factory.ledger).claim({ run, stage: 'data-prep', shard: '0' }, 'w'),
      ).toMatchObject({
        kind: 'claimed',
        claim: { attempt: 0 },
      });
      expect((await factory.auditRows('dead-replay')).at(-1)).toEqual({
        who: 'ann',
        reason: 'disk is free',
        subject,
      });
      expect((await factory.auditRows('resume')).at(-1)).toEqual({
        who: 'ann',
        reason: 'disk is free',
        subject: run,
      });
      expect((await replay(sequence)).stderr).toMatch(/already-replayed/);
      await factory.end(run, 'kept', 'spec');
    });

    it('of a run that has since ended otherwise is refused, and nothing is published', async () => {
      const { run, sequence } = await givenUp('given-up-2');
      await new Runs(factory.ledger, 'spec').resume(run, { who: 'bob', reason: 'by hand' });
      const inFlight = await replay(sequence);
      expect([inFlight.code, inFlight.stderr]).toEqual([2, expect.stringMatching(/work-queued/)]);
      await factory.end(run, 'kept', 'no better');
      const last = await lastOf(STREAMS.runs.name);
      const ended = await replay(sequence);
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(/run-ended.*kept/)]);
      expect(await lastOf(STREAMS.runs.name)).toBe(last);
    });

    it.each([
      ['no JSON', '{"run":'],
      ['no run', '{"shard":"0"}'],
      ['null', 'null'],
    ])('whose message names none is refused: %s', async (_what, body) => {
      const { code, stderr } = await replay(await kept(body, { subject, stream: STREAMS.runs.name }));
      expect([code, stderr]).toEqual([2, expect.stringMatching(/unreadable-message/)]);
    });
  });
});
