import { RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { DeadLetters } from '@factory/messaging';
import { SpecFactory } from '../spec-factory';

describe('factory dead', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  it('lists, shows and replays: the original message is on its subject again, and the audit says by whom', async () => {
    const data = new TextEncoder().encode('{"productId":-1}');
    const kept = await new DeadLetters(factory.broker).keep({
      subject: RETRAIN_SUBJECT,
      data,
      headers: {},
      stream: STREAMS.requests.name,
      streamSequence: 4_711,
      storedAt: new Date(),
      code: 'malformed-request',
      reason: 'productId = -1',
      attempts: 1,
    });
    const letters = await factory.cli.json<{ sequence: number; code: string; message: unknown }[]>(
      'dead',
      'list',
    );
    expect(letters.at(-1)).toMatchObject({
      sequence: kept.sequence,
      code: 'malformed-request',
      message: { productId: -1 },
    });
    expect((await factory.cli.run('dead', 'show', String(kept.sequence))).stdout).toContain(
      '"productId": -1',
    );
    const { published } = await factory.cli.json<{ published: { sequence: number } }>(
      'dead',
      'replay',
      String(kept.sequence),
      '--reason',
      'fixed',
    );
    const again = await factory.stored(STREAMS.requests.name, { seq: published.sequence });
    expect([again.subject, again.text]).toEqual([RETRAIN_SUBJECT, '{"productId":-1}']);
    expect(await factory.auditRows('dead-replay')).toEqual([
      { who: 'ann', reason: 'fixed', subject: RETRAIN_SUBJECT },
    ]);
    expect(await factory.cli.run('dead', 'show', '999999')).toMatchObject({ code: 2 });
  });
});
