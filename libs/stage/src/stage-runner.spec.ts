import { MESSAGE_VERSION } from '@factory/contracts';
import { DEFAULT_POLICY } from '@factory/domain';
import { ClaimLostError, LEASE_SECONDS, type Claim } from '@factory/ledger';
import type { JetStreamMessage } from '@factory/messaging';
import { StageRunner } from './stage-runner';

const RUN = '0190c5a0-0000-7000-8000-000000000000';
const BODY = {
  ...{ v: MESSAGE_VERSION, run: RUN, source: 'main', product: 1, goal: 'sale', shard: '0' },
  ...{ end: '2023-04-01T00:00:00.000Z', grid: 'quick' },
};
const CLAIM = {
  ...{ run: RUN, stage: 'data-prep', shard: '0', token: 1, attempt: 0, input: BODY },
  ...{ policy: DEFAULT_POLICY, seed: null },
} as unknown as Claim;
const MESSAGE = {
  data: new TextEncoder().encode(JSON.stringify(BODY)),
  deliveryCount: 1,
  signal: new AbortController().signal,
} as unknown as JetStreamMessage;
const never = (): Promise<never> => new Promise(() => undefined);

describe('work whose lease nobody answers for', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is lost, not waiting for a server, once the ledger says that another has it', async () => {
    const outcomes: string[] = [];
    const released: Claim[] = [];
    const runner = new StageRunner(
      {
        claim: () => Promise.resolve({ kind: 'claimed', claim: CLAIM }),
        // Such as behind the locks of the commit.
        renew: never,
        release: (claim) => Promise.resolve(void released.push(claim)),
      },
      {
        complete: async () => {
          await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_SECONDS * 1_000));
          throw new ClaimLostError(CLAIM);
        },
        fail: never,
      },
      { announce: never, announceUnpublished: never },
      {
        owner: 'cut off',
        observer: {
          started: () => (outcome) => void outcomes.push(outcome),
          within: (_, work) => work(),
          tell: () => undefined,
        },
        onControl: () => () => undefined,
      },
    );
    let signal: AbortSignal | undefined;
    const answered = runner.run('data-prep', MESSAGE, (work) => {
      signal = work.signal;
      return Promise.resolve({ output: {} });
    });
    await jest.advanceTimersByTimeAsync(2 * LEASE_SECONDS * 1_000 + 1);
    expect(signal?.reason).toMatchObject({ code: 'database-away' });
    expect(await answered).toEqual({ kind: 'busy' });
    expect(outcomes).toEqual(['claim-lost']);
    expect(released).toEqual([]);
  });
});
