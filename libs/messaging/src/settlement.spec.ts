import {
  BadInputError,
  FactoryError,
  ServerAwayError,
  SourceAwayError,
  SourceWaitError,
} from '@factory/domain';
import { outcomeOfError, type HandlerOutcome } from './handler-outcome';
import { settle, type Settlement } from './settlement';

const broken = new FactoryError('out-of-memory', 'give it more memory', true);
const malformed = new BadInputError('not-json', {
  field: 'message',
  value: 'x',
  todo: 'send a JSON object',
});
const nak = (delayMs: number, pause = false): Settlement => ({ kind: 'nak', delayMs, pause });

describe('settle', () => {
  const cases: [string, HandlerOutcome, Settlement][] = [
    ['done: acknowledged', { kind: 'done' }, { kind: 'ack' }],
    ['done before: acknowledged', { kind: 'repeated' }, { kind: 'ack' }],
    ['run over: acknowledged', { kind: 'ended' }, { kind: 'ack' }],
    ['leased by another: redelivered in 5 s', { kind: 'busy' }, nak(5_000)],
    ['first failure: again in 1 s', { kind: 'retry', attempt: 1, error: broken }, nak(1_000)],
    ['second: 2 s', { kind: 'retry', attempt: 2, error: broken }, nak(2_000)],
    ['third: 5 s', { kind: 'retry', attempt: 3, error: broken }, nak(5_000)],
    ['fourth: 10 s', { kind: 'retry', attempt: 4, error: broken }, nak(10_000)],
    ['fifth: 15 s', { kind: 'retry', attempt: 5, error: broken }, nak(15_000)],
    ['and 15 s from then on', { kind: 'retry', attempt: 99, error: broken }, nak(15_000)],
    [
      'a server is unavailable: given back, and pulling pauses',
      { kind: 'unavailable', error: broken },
      nak(1_000, true),
    ],
    [
      'its source is unavailable: redelivered when that is tried again, and pulling goes on',
      { kind: 'waiting', delayMs: 42_000, error: broken },
      nak(42_000),
    ],
    [
      'of a later release: soon at first, another of this queue may read it',
      { kind: 'newer', deliveryCount: 1, error: broken },
      nak(1_000),
    ],
    ['and every ten seconds from then on', { kind: 'newer', deliveryCount: 99, error: broken }, nak(10_000)],
    ['stopping: given back immediately', { kind: 'stopped' }, nak(0)],
    [
      'attempts used up: dead letter with their count',
      { kind: 'exhausted', attempt: 5, error: broken },
      { kind: 'term', code: 'out-of-memory', reason: broken.message, attempts: 5 },
    ],
    [
      'malformed: dead letter without an attempt',
      { kind: 'invalid', error: malformed },
      { kind: 'term', code: 'not-json', reason: malformed.message, attempts: 0 },
    ],
  ];

  it.each(cases)('%s', (_rule, outcome, settlement) => {
    expect(settle(outcome, () => 0.5)).toEqual(settlement);
  });

  it('spreads messages of a later release, so that they are not redelivered in step with the waiting pulls', () => {
    const of = (random: number): Settlement =>
      settle({ kind: 'newer', deliveryCount: 99, error: broken }, () => random);
    expect([of(0), of(0.25), of(0.999_999)]).toEqual([nak(5_000), nak(7_500), nak(15_000)]);
  });
});

describe('outcomeOfError', () => {
  it('counts no failure if a server is unavailable', () => {
    expect(outcomeOfError(new ServerAwayError('database'), 3).kind).toBe('unavailable');
  });

  it('does not pause pulling if a source is unavailable', () => {
    const fault = new SourceAwayError('shop', 'unreachable', { cause: new Error('gone') });
    expect(outcomeOfError(fault, 3)).toEqual({ kind: 'waiting', delayMs: 5_000, error: fault });
    const wait = new SourceWaitError('shop', 31_000, fault);
    expect(outcomeOfError(wait, 3)).toEqual({ kind: 'waiting', delayMs: 31_000, error: wait });
  });

  it('never retries invalid input', () => {
    expect(outcomeOfError(malformed, 1)).toEqual({ kind: 'invalid', error: malformed });
  });

  it('never retries an error that is not retryable', () => {
    const wrong = new FactoryError('source-row-unexpected', 'a row of another shape', false);
    expect(outcomeOfError(wrong, 1)).toEqual({ kind: 'invalid', error: wrong });
  });

  it('retries unexpected errors with growing delays', () => {
    const oops = new TypeError('x is undefined');
    expect(outcomeOfError(oops, 4)).toEqual({ kind: 'retry', attempt: 4, error: oops });
  });

  it('keeps the text of an error that Nest replaced by a plain object', () => {
    const outcome = outcomeOfError({ status: 'error', message: 'Internal server error' }, 1);
    expect(outcome).toMatchObject({ kind: 'retry', error: new Error('Internal server error') });
  });
});
