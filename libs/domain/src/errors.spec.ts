import {
  BadInputError,
  BadInputsError,
  FactoryError,
  IntegrityError,
  RunSkippedError,
  ServerAwayError,
  codeOf,
  messageOf,
} from './errors';

const cause = new Error('connect ECONNREFUSED 127.0.0.1:4222');
const badInput = new BadInputError('unknown-grid', {
  field: 'grid',
  value: 'huge',
  todo: 'use one of quick',
});
const badInputs = new BadInputsError('malformed-request', [
  { field: 'productId', value: -1, todo: 'give a product id' },
  { field: 'grid', value: 'huge', todo: 'use one of quick' },
]);
const skipped = new RunSkippedError('too-few-sales', '499 sales in the window', { sales: 499 });
const away = new ServerAwayError('broker', { cause });
const integrity = new IntegrityError('runs/x/dataset.arrow', 'aa', 'bb');

describe('an error of the factory', () => {
  it.each<[name: string, error: FactoryError, code: string, retryable: boolean, message: string]>([
    ['BadInputError', badInput, 'unknown-grid', false, 'grid = "huge": use one of quick'],
    [
      'BadInputsError',
      badInputs,
      'malformed-request',
      false,
      'productId = -1: give a product id\ngrid = "huge": use one of quick',
    ],
    ['RunSkippedError', skipped, 'too-few-sales', false, '499 sales in the window'],
    [
      'ServerAwayError',
      away,
      'broker-away',
      true,
      'the broker cannot be reached (connect ECONNREFUSED 127.0.0.1:4222): work resumes when it is back',
    ],
    [
      'IntegrityError',
      integrity,
      'sha256-mismatch',
      false,
      'runs/x/dataset.arrow has sha256 bb, expected aa: restore the object or train again',
    ],
  ])('says what happened and what to do: %s', (name, error, code, retryable, message) => {
    expect(error).toBeInstanceOf(FactoryError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, retryable, message });
  });

  it('keeps its arguments as fields', () => {
    expect(badInput.refusal).toEqual({ field: 'grid', value: 'huge', todo: 'use one of quick' });
    expect(badInputs.refusals).toHaveLength(2);
    expect(skipped).toMatchObject({ reason: 'too-few-sales', figures: { sales: 499 } });
    expect(integrity).toMatchObject({
      key: 'runs/x/dataset.arrow',
      expectedSha256: 'aa',
      actualSha256: 'bb',
    });
    expect(away.cause).toBe(cause);
  });

  it.each(['broker', 'database', 'source', 'store'] as const)(
    'has its own code if the %s is unavailable',
    (server) => {
      expect(new ServerAwayError(server)).toMatchObject({ code: `${server}-away`, retryable: true });
    },
  );
});

describe('the value in a refusal', () => {
  const shownAs = (value: unknown): string =>
    new BadInputError('c', { field: 'f', value, todo: 't' }).message.replace(/^f = (.*): t$/s, '$1');
  const circular: { self?: unknown } = {};
  circular.self = circular;

  it.each<[value: unknown, text: string]>([
    ['7', '"7"'],
    ['two\nlines "and quotes"', String.raw`"two\nlines \"and quotes\""`],
    [7, '7'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [12345678901234567890n, '12345678901234567890'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['a', 1], '["a",1]'],
    [{ days: 1 }, '{"days":1}'],
    [{ id: 7n }, '[object Object]'],
    [circular, '[object Object]'],
    [Symbol('s'), 'Symbol(s)'],
  ])('shows text and numbers differently, and never throws: %#', (value, text) =>
    expect(shownAs(value)).toBe(text),
  );

  it('is cut to 120 characters; the refusal keeps all of it', () => {
    expect(shownAs('x'.repeat(118))).toBe(`"${'x'.repeat(118)}"`);
    expect(shownAs('x'.repeat(119))).toBe(`"${'x'.repeat(116)}...`);
    expect(shownAs(Array.from({ length: 1_000 }, () => 7))).toHaveLength(120);
    const value = 'x'.repeat(5_000);
    expect(new BadInputError('c', { field: 'f', value, todo: 't' }).refusal.value).toBe(value);
  });
});

describe('anything thrown', () => {
  it.each<[thrown: unknown, code: string, message: string]>([
    [badInput, 'unknown-grid', 'grid = "huge": use one of quick'],
    [away, 'broker-away', away.message],
    [new TypeError('x is not a function'), 'unexpected', 'x is not a function'],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'unexpected', 'refused'],
    ['text', 'unexpected', 'text'],
    [undefined, 'unexpected', 'undefined'],
    [null, 'unexpected', 'null'],
  ])('has a stable code and a message: %#', (thrown, code, message) => {
    expect(codeOf(thrown)).toBe(code);
    expect(messageOf(thrown)).toBe(message);
  });
});
