import type { RequestAttempts } from '@factory/ledger';
import type { HandlerOutcome, JetStreamMessage } from '@factory/messaging';
import { countAttempts } from './count-attempts';
import type { TakeRequest } from './take-request';

/** A request that failed for another reason than its source is retried, but does not wait for the source. */
const NO_LONGER_WAITS: ReadonlySet<HandlerOutcome['kind']> = new Set([
  'done',
  'repeated',
  'ended',
  'invalid',
  'retry',
  'exhausted',
]);

/** Handles one delivery of a request: takes it, counts its attempt, and ends its wait for a source. */
export class HandleRequest {
  constructor(
    private readonly takeRequest: Pick<TakeRequest, 'execute' | 'ended'>,
    private readonly attempts: RequestAttempts,
  ) {}

  /** @throws ServerAwayError */
  async execute(
    message: Pick<JetStreamMessage, 'data' | 'streamCreated' | 'streamSequence' | 'signal'>,
  ): Promise<HandlerOutcome> {
    const place = `${message.streamCreated}:${message.streamSequence}`;
    const request = { data: message.data, place };
    const outcome = await countAttempts(this.attempts, place, message.signal, async () => {
      const result = await this.takeRequest.execute(request);
      return { kind: result === 'taken' ? 'done' : 'repeated' };
    });
    if (NO_LONGER_WAITS.has(outcome.kind)) await this.takeRequest.ended(request);
    return outcome;
  }
}
