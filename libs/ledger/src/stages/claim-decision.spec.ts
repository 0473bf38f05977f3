import fc from 'fast-check';
import { decideClaim, MAX_ATTEMPTS, type ClaimableRow } from './claim-decision';

const row = (given: Partial<ClaimableRow>): ClaimableRow => ({
  outcome: null,
  status: 'queued',
  attempt: 0,
  leaseLive: false,
  ...given,
});

describe('whether a delivered message may start work', () => {
  it.each`
    given                                                       | justBack | expected
    ${undefined}                                                | ${false} | ${{ kind: 'unknown' }}
    ${row({})}                                                  | ${false} | ${{ kind: 'claim', attempt: 0 }}
    ${row({ attempt: 4 })}                                      | ${false} | ${{ kind: 'claim', attempt: 4 }}
    ${row({ attempt: 5 })}                                      | ${false} | ${{ kind: 'exhausted', attempt: 5 }}
    ${row({ status: 'done' })}                                  | ${false} | ${{ kind: 'done' }}
    ${row({ status: 'done', outcome: 'failed' })}               | ${false} | ${{ kind: 'done' }}
    ${row({ status: 'failed', outcome: 'failed', attempt: 5 })} | ${false} | ${{ kind: 'failed' }}
    ${row({ status: 'held', leaseLive: false })}                | ${false} | ${{ kind: 'busy' }}
    ${row({ status: 'held', outcome: 'archived' })}             | ${false} | ${{ kind: 'ended' }}
    ${row({ outcome: 'cancelled' })}                            | ${false} | ${{ kind: 'ended' }}
    ${row({ status: 'leased', outcome: 'cancelled' })}          | ${false} | ${{ kind: 'ended' }}
    ${row({ status: 'leased', leaseLive: true })}               | ${false} | ${{ kind: 'busy' }}
    ${row({ status: 'leased', leaseLive: false })}              | ${false} | ${{ kind: 'claim', attempt: 1 }}
    ${row({ status: 'leased', leaseLive: false, attempt: 3 })}  | ${false} | ${{ kind: 'claim', attempt: 4 }}
    ${row({ status: 'leased', leaseLive: false, attempt: 4 })}  | ${false} | ${{ kind: 'exhausted', attempt: 5 }}
    ${row({ status: 'leased', leaseLive: false, attempt: 4 })}  | ${true}  | ${{ kind: 'busy' }}
    ${row({ attempt: 4 })}                                      | ${true}  | ${{ kind: 'claim', attempt: 4 }}
  `('$given, servers just back: $justBack -> $expected', ({ given, justBack, expected }) => {
    expect(decideClaim(given, justBack)).toEqual(expected);
  });

  const anyRow = fc.record<ClaimableRow>({
    outcome: fc.constantFrom(null, 'failed', 'cancelled', 'published'),
    status: fc.constantFrom('planned', 'queued', 'leased', 'done', 'failed', 'held'),
    attempt: fc.integer({ min: 0, max: 7 }),
    leaseLive: fc.boolean(),
  });

  it('never starts work that is settled, over, leased by another, or out of attempts', () => {
    fc.assert(
      fc.property(anyRow, fc.boolean(), (given, justBack) => {
        const decision = decideClaim(given, justBack);
        if (decision.kind !== 'claim') return;
        expect(given.outcome).toBeNull();
        expect(['planned', 'queued', 'leased']).toContain(given.status);
        expect(given.status === 'leased' && given.leaseLive).toBe(false);
        expect(decision.attempt).toBeLessThan(MAX_ATTEMPTS);
      }),
    );
  });

  it('counts exactly the claims that ended by expiry', () => {
    fc.assert(
      fc.property(anyRow, (given) => {
        const decision = decideClaim(given, false);
        if (decision.kind !== 'claim' && decision.kind !== 'exhausted') return;
        expect(decision.attempt - given.attempt).toBe(given.status === 'leased' ? 1 : 0);
      }),
    );
  });
});
