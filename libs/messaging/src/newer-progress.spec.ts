import { RETRAIN_SUBJECT, subjectOf } from '@factory/contracts';
import { WAITS_FOR_UPGRADE, progressOfNewer } from './newer-progress';

const run = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const at = new Date('2023-04-01T00:00:00Z');
const subject = subjectOf('model.trained', { source: 'main', product: 7 });
const messageOf = (body: unknown, on = subject) => ({
  subject: on,
  data: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});

describe('the progress of a run whose message is of a later release', () => {
  it('says at which stage it waits, whatever else the message holds', () => {
    expect(progressOfNewer(messageOf({ v: 99, run, shard: { of: 'another shape' } }), at)).toEqual({
      run,
      stage: 'evaluator',
      at: '2023-04-01T00:00:00.000Z',
      doing: WAITS_FOR_UPGRADE,
    });
  });

  it.each([
    ['names no run', messageOf({ v: 99 })],
    ['names it in another form', messageOf({ v: 99, run: [run] })],
    ['is null', messageOf('null')],
    ['is no JSON', messageOf('{')],
    ['is a request', messageOf({ v: 99, run }, RETRAIN_SUBJECT)],
  ])('is not known where the message %s', (_, message) => {
    expect(progressOfNewer(message, at)).toBeUndefined();
  });
});
