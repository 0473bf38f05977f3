import { parseRetrainRequest } from '@factory/contracts';
import { retrainRequestOf } from './retrain-request';

describe('the request that the command line sends', () => {
  it('contains the options, the requester, and a new id', () => {
    const request = retrainRequestOf({ product: 0 }, 'ann');
    expect(request).toEqual({
      v: 1,
      productId: 0,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      requestedBy: 'ann',
    });
    expect(retrainRequestOf({ product: 0 }, 'ann').requestId).not.toBe(request.requestId);
  });

  it('is read by data-prep as intended', () => {
    const options = {
      product: 7,
      source: 'shop-de',
      goal: 'sale',
      grid: 'quick',
      start: '2023-01-01',
      end: '2023-03-31 23:59:59',
      seed: '12',
      until: 'training',
      force: true,
      reason: 'why not',
      requestId: 'nightly-7',
      who: 'bob',
    } as const;
    const sent = new TextEncoder().encode(JSON.stringify(retrainRequestOf(options, 'ann')));
    expect(parseRetrainRequest(sent)).toEqual({
      v: 1,
      productId: 7,
      source: 'shop-de',
      goal: 'sale',
      grid: 'quick',
      startDate: '2023-01-01',
      endDate: '2023-03-31 23:59:59',
      seed: '12',
      until: 'training',
      force: true,
      reason: 'why not',
      requestId: 'nightly-7',
      requestedBy: 'bob',
    });
  });

  it('overrules checks, of one column or of any, for the given reason', () => {
    const asked = { product: 7, reason: 'a new form', overrule: ['rows-low', 'shift:a:b'] };
    const sent = new TextEncoder().encode(JSON.stringify(retrainRequestOf(asked, 'ann')));
    expect(parseRetrainRequest(sent)).toMatchObject({
      v: 2,
      overrule: [
        { check: 'rows-low', reason: 'a new form' },
        { check: 'shift', column: 'a:b', reason: 'a new form' },
      ],
    });
    expect(retrainRequestOf({ ...asked, overrule: [] }, 'ann')).toMatchObject({ v: 1 });
  });

  it('that compares windows is sent in the version that brought them', () => {
    const versionOf = (options: object) => retrainRequestOf({ product: 7, ...options }, 'ann').v;
    expect(versionOf({ window: 'evidence' })).toBe(3);
    expect(versionOf({ window: 'curve', until: 'evaluation' })).toBe(3);
    expect(versionOf({ window: 'all' })).toBe(1);
    expect(() => versionOf({ window: 'curve' })).toThrow(/window = "curve": add "until": "evaluation"/);
  });

  it.each([
    [{ overrule: ['shift'] }, 'overrule-without-reason', 'say with --reason why'],
    [
      { overrule: ['row-low'], reason: 'r' },
      'unknown-check',
      'overrule.0.check = "row-low": use one of rows-low, ',
    ],
    [{ overrule: ['shift'], reason: 'r', product: 0 }, 'malformed-request', 'name a product'],
    [{ overrule: ['shift:'], reason: 'r' }, 'malformed-request', 'overrule.0.column = "": name a column'],
  ])('refuses to overrule as in %j', (options, code, says) => {
    expect(() => retrainRequestOf({ product: 1, ...options }, 'ann')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) as string }) as Error,
    );
  });

  it('may end on the day on which it starts, but not before', () => {
    const ask = (start: string, end: string) => retrainRequestOf({ product: 1, start, end }, 'ann');
    expect(ask('2023-01-01 12:00:00', '2023-01-01')).toMatchObject({ endDate: '2023-01-01' });
    expect(ask('2023-01-01T12:00:00Z', '2023-01-01 12:00:00')).toMatchObject({ v: 1 });
    expect(() => ask('2023-01-02', '2023-01-01')).toThrow(
      'end = "2023-01-01": give an end that is not before',
    );
  });

  it('names every field that cannot be read', () => {
    expect(() => retrainRequestOf({ product: 1, start: 'monday', requestId: 'a b' }, 'ann')).toThrow(
      /startDate = "monday"[\s\S]*requestId = "a b"/,
    );
  });
});
