import fc from 'fast-check';
import {
  KEPT_BODY_BYTES,
  KEPT_HEADER_BYTES,
  isCut,
  letterOf,
  outgoingLetter,
  type DeadLetterDraft,
} from './dead-letter';

const draft = (given: Partial<DeadLetterDraft> = {}): DeadLetterDraft => ({
  subject: 'factory.run.queued.main.7',
  data: Buffer.from('{}'),
  headers: {},
  stream: 'FACTORY',
  streamSequence: 12,
  streamCreated: '2023-03-01T00:00:00Z',
  storedAt: new Date('2023-03-31T00:00:00Z'),
  code: 'not-json',
  reason: 'message = "{": send a JSON object',
  attempts: 0,
  ...given,
});
const MAX = 1_048_576;

/** As the broker returns it. */
const readBack = (given: Partial<DeadLetterDraft>, maxPayload = MAX) => {
  const { subject, data, headers } = outgoingLetter(draft(given), maxPayload);
  return letterOf({
    subject,
    data,
    sequence: 1,
    storedAt: new Date(0),
    headers: { values: headers, fault: null },
  });
};

function sizeOf(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(`${name}: ${value}\r\n`),
    14,
  );
}

describe('a dead letter', () => {
  it('refers to its message, and contains all of a small one', () => {
    const letter = readBack({ headers: { traceparent: '00-ab' } });
    expect(letter).toMatchObject({
      subject: 'factory.run.queued.main.7',
      stream: 'FACTORY',
      streamSequence: 12,
      streamCreated: '2023-03-01T00:00:00Z',
      headers: { traceparent: '00-ab' },
      bodyBytes: 2,
      headersLeftOut: 0,
    });
    expect([String(Buffer.from(letter.data)), isCut(letter)]).toEqual(['{}', false]);
  });

  it.each([KEPT_BODY_BYTES - 1, KEPT_BODY_BYTES, KEPT_BODY_BYTES + 1, MAX])(
    'of a body of %d bytes contains at most 64 kB and the original length',
    (bytes) => {
      const letter = readBack({ data: new Uint8Array(bytes) });
      expect([letter.bodyBytes, letter.data.length, isCut(letter)]).toEqual([
        bytes,
        Math.min(bytes, KEPT_BODY_BYTES),
        bytes > KEPT_BODY_BYTES,
      ]);
    },
  );

  it('keeps headers that fit, and counts those that do not', () => {
    const letter = readBack({ headers: { a: '1', long: 'x'.repeat(KEPT_HEADER_BYTES), b: '2' } });
    expect([letter.headers, letter.headersLeftOut]).toEqual([{ a: '1', b: '2' }, 1]);
  });

  it('of an older version, which has no length, is complete', () => {
    const values = { 'Factory-Stream': 'FACTORY', 'Factory-Sequence': '3' };
    const data = new Uint8Array(100_000);
    const letter = letterOf({
      subject: 'dead.factory.x',
      data,
      sequence: 1,
      storedAt: new Date(0),
      headers: { values, fault: null },
    });
    expect([isCut(letter), letter.bodyBytes, letter.subject]).toEqual([false, 100_000, 'factory.x']);
  });

  it.each([
    ['a no-break space', 'factory.run.queued.ma\u00a0in.7'],
    ['an umlaut', 'factory.run.queued.größe.7'],
    ['a control character', 'factory.run.queued.\u0001.7'],
    ['a wildcard as a token', 'factory.run.queued.*.>'],
    ['no word', 'factory.run.queued..7'],
    ['four thousand characters', `factory.run.queued.${'x'.repeat(4_000)}`],
  ])('has a subject that can be published, and keeps the original one: %s', (_what, subject) => {
    const out = outgoingLetter(draft({ subject }), MAX);
    expect(out.subject).toMatch(/^dead\.factory\.run\.queued\.[!-~]+$/);
    expect(out.subject.split('.').filter((token) => ['', '*', '>'].includes(token))).toEqual([]);
    expect(out.subject.length).toBeLessThanOrEqual(1_005);
    expect(readBack({ subject }).subject).toBe(subject);
  });

  it('property: fits the broker’s limit for any message', () => {
    fc.assert(
      fc.property(
        fc.record({
          bytes: fc.integer({ min: 0, max: 200_000 }),
          headers: fc.dictionary(
            fc.string({ maxLength: 40 }),
            fc.string({ unit: 'grapheme', maxLength: 2_000 }),
            {
              maxKeys: 100,
            },
          ),
          reason: fc.string({ unit: 'binary', maxLength: 3_000 }),
          code: fc.string({ unit: 'binary', maxLength: 200 }),
          subject: fc.string({ unit: 'binary', maxLength: 3_000 }),
          maxPayload: fc.constantFrom(32_768, 65_536, 70_000, MAX),
        }),
        ({ bytes, maxPayload, ...rest }) => {
          const out = outgoingLetter(draft({ data: new Uint8Array(bytes), ...rest }), maxPayload);
          expect(sizeOf(out.headers) + out.data.length + 400).toBeLessThanOrEqual(maxPayload);
          expect(out.data.length).toBeLessThanOrEqual(KEPT_BODY_BYTES);
        },
      ),
      { numRuns: 200 },
    );
  });
});
