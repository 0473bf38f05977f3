import { NewerVersionError } from '@factory/domain';
import type { JetStreamMessage } from './jetstream-message';
import { WaitingNotice } from './waiting-notice';

const message = (consumer: string, streamSequence = 17) =>
  ({ consumer, stream: 'FACTORY', streamSequence, subject: `factory.run.queued.main.7` }) as JetStreamMessage;

describe('messages that wait for a later release', () => {
  it('are logged once per minute and consumer, with the position of one of them', () => {
    const told: string[] = [];
    let now = 0;
    const notice = new WaitingNotice(
      (text) => told.push(text),
      () => now,
    );
    const error = new NewerVersionError('v', 2, 1);
    for (let at = 1; at <= 500; at++) notice.tell(message('sampling', at), error);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^messages of sampling wait .*\(FACTORY, sequence 1\): v = 2: .* up to version 1$/,
    );
    notice.tell(message('publisher'), error);
    expect(told).toHaveLength(2);
    now = 60_000;
    notice.tell(message('sampling'), error);
    expect(told).toHaveLength(3);
  });
});
