import { BadInputError, FactoryError, ServerAwayError } from '@factory/domain';
import { connectLedger, migrateLedger, RequestAttempts, sqlOf } from '@factory/ledger';
import type { HandlerOutcome } from '@factory/messaging';
import { freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { countAttempts } from './count-attempts';

let database: FreshDatabase;
let dataSource: DataSource;
let attempts: RequestAttempts;
let begun = 0;
const running = new AbortController().signal;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  attempts = new RequestAttempts(dataSource);
});
beforeEach(async () => {
  begun = 0;
  await dataSource.query('DELETE FROM factory_request_attempt');
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.dispose();
});

const deliver = (work: () => Promise<HandlerOutcome>, on = attempts): Promise<HandlerOutcome> =>
  countAttempts(on, 'stream:1', running, () => {
    begun++;
    return work();
  });
const failing = (error: Error) => (): Promise<HandlerOutcome> => Promise.reject(error);
const wrong = new FactoryError('source-statement-failed', 'the view is broken', true);

async function deliverTimes(times: number, work: () => Promise<HandlerOutcome>): Promise<HandlerOutcome[]> {
  const outcomes: HandlerOutcome[] = [];
  for (let time = 0; time < times; time++) outcomes.push(await deliver(work));
  return outcomes;
}

describe('a request that fails each time', () => {
  it('is a dead letter after five attempts, and is not started a sixth time', async () => {
    const outcomes = await deliverTimes(7, failing(wrong));
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      ...['retry', 'retry', 'retry', 'retry', 'exhausted'],
      ...['exhausted', 'exhausted'],
    ]);
    expect(begun).toBe(5);
    for (const outcome of outcomes.slice(4))
      expect(outcome).toMatchObject({
        attempt: 5,
        error: { code: 'source-statement-failed', message: 'the view is broken' },
      });
  });

  it('is a dead letter immediately after a permanent error', async () => {
    const refused = new BadInputError('unknown-goal', { field: 'goal', value: 'x', todo: 'use another' });
    const final = new FactoryError('source-row-unexpected', 'a row of another shape', false);
    for (const error of [refused, final])
      expect(await deliver(failing(error))).toEqual({ kind: 'invalid', error });
  });

  it('and crashed its process five times is a dead letter that says so', async () => {
    for (let time = 0; time < 5; time++) await attempts.begin('stream:1');
    const outcome = await deliver(failing(wrong));
    expect(outcome).toMatchObject({ kind: 'exhausted', attempt: 5, error: { code: 'attempts-exhausted' } });
    expect(begun).toBe(0);
  });
});

describe('what uses no attempt', () => {
  it.each([
    ['a server that is unavailable', failing(new ServerAwayError('broker')), 'unavailable'],
    ['a source that is unavailable', failing(new ServerAwayError('source')), 'unavailable'],
    ['the end of the service', () => Promise.resolve({ kind: 'stopped' } as const), 'stopped'],
  ])('%s', async (_what, work, kind) => {
    for (const outcome of await deliverTimes(9, work)) expect(outcome.kind).toBe(kind);
    expect(await deliver(failing(wrong))).toMatchObject({ kind: 'retry', attempt: 1 });
  });

  it('an outage of the ledger between work and count', async () => {
    let down = 3;
    const flapping = Object.create(attempts) as RequestAttempts;
    flapping.giveBack = (place) =>
      down-- > 0 ? Promise.reject(new ServerAwayError('database')) : attempts.giveBack(place);
    expect(await deliver(failing(new ServerAwayError('database')), flapping)).toMatchObject({
      kind: 'unavailable',
    });
    expect(await deliver(failing(wrong))).toMatchObject({ kind: 'retry', attempt: 1 });
  });
});

it('a request that is taken, or refused, leaves no count', async () => {
  await deliver(failing(wrong));
  expect(await deliver(() => Promise.resolve({ kind: 'done' }))).toEqual({ kind: 'done' });
  expect(await sqlOf(dataSource).rows('SELECT * FROM factory_request_attempt')).toEqual([]);
});
