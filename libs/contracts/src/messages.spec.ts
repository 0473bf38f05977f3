import { BadInputError, BadInputsError, NewerVersionError } from '@factory/domain';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { REQUEST_VERSION, versionFieldOf } from './fields';
import { newerVersionOf } from './newer-version';
import { parseMessage } from './parse-message';
import { parseRetrainRequest } from './retrain-requested';
import { EVENTS, REQUEST_SCHEMA, versionOf, type EventName } from './stage-chain';

const bytesOf = (body: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(body));

function refusalOf(parse: () => unknown): BadInputError | BadInputsError {
  try {
    parse();
  } catch (error) {
    if (error instanceof BadInputError || error instanceof BadInputsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** `<event>[.<variant>].json`: messages as services of that version sent them. */
const SAMPLES = join(__dirname, 'fixtures');
const events = Object.keys(EVENTS) as EventName[];
const samples = ['v1', 'v2', 'v3'].flatMap((version) =>
  readdirSync(join(SAMPLES, version)).map((file) => {
    const name = file.split('.').slice(0, 2).join('.');
    const bytes = readFileSync(join(SAMPLES, version, file));
    return { sample: `${version}/${file}`, name, bytes, body: JSON.parse(bytes.toString('utf8')) as object };
  }),
);
const sampleOf = (event: EventName) => samples.find(({ name }) => name === event)!;

describe('a message that a service has sent', () => {
  it('is kept as a sample for each event and for the request', () => {
    expect([...new Set(samples.map(({ name }) => name))].sort()).toEqual(
      [...events, 'retrain.requested'].sort(),
    );
  });

  it.each(samples)('can still be read, with nothing lost or added: $sample', ({ name, bytes, body }) => {
    const schema: z.ZodType =
      name === 'retrain.requested' ? REQUEST_SCHEMA : EVENTS[name as EventName].schema;
    const own = name === 'retrain.requested' ? REQUEST_VERSION : versionOf(name as EventName);
    expect(parseMessage(schema, bytes)).toEqual({ v: own, ...body });
  });

  it.each(events)('names its run, product, goal and part, or is refused: %s', (event) => {
    const { body } = sampleOf(event);
    for (const field of ['run', 'source', 'product', 'goal', 'shard']) {
      const refusal = refusalOf(() =>
        parseMessage<unknown>(EVENTS[event].schema, bytesOf({ ...body, [field]: undefined })),
      );
      expect(refusal).toMatchObject({ code: 'malformed-message', refusals: [{ field, value: undefined }] });
    }
  });

  it('may have fields that its reader does not know: a newer sender is not an error', () => {
    const { body } = sampleOf('run.finished');
    expect(parseMessage(EVENTS['run.finished'].schema, bytesOf({ ...body, mood: 'good' }))).toEqual(body);
  });

  it('names a fault inside a list by its path', () => {
    const { body } = sampleOf('model.trained');
    const { candidates } = body as { candidates: object[] };
    const spoilt = {
      ...body,
      candidates: [candidates[0], { ...candidates[0], weights: { key: 'k', sha256: 'A', bytes: 1 } }],
    };
    expect(refusalOf(() => parseMessage(EVENTS['model.trained'].schema, bytesOf(spoilt)))).toMatchObject({
      message: 'candidates.1.weights.sha256 = "A": give a sha256 as 64 lower-case hex digits',
    });
  });
});

describe('the version of a message', () => {
  const read = (current: number, body: object): unknown =>
    parseMessage(z.object({ v: versionFieldOf(current) }), bytesOf(body));

  it.each([
    ['its reader’s', 3, 3],
    ['the one before', 3, 2],
    ['the first, read by the first', 1, 1],
    ['the first, read by the second', 2, 1],
  ])('is accepted if it is %s', (_what, current, v) => {
    expect(read(current, { v })).toEqual({ v });
  });

  it('is its reader’s if the message does not state one', () => {
    expect(read(3, {})).toEqual({ v: 3 });
    expect(parseRetrainRequest(bytesOf({ productId: 0 }))).toEqual({ v: REQUEST_VERSION, productId: 0 });
  });

  it.each([
    [3, 1, 'v = 1: send version 2 or 3, or upgrade the service that reads it'],
    [1, 0, 'v = 0: send version 1, or upgrade the service that reads it'],
    [3, 2.5, 'v = 2.5: send version 2 or 3, or upgrade the service that reads it'],
    [3, 4.5, 'v = 4.5: send version 2 or 3, or upgrade the service that reads it'],
    [3, '4', 'v = "4": send version 2 or 3, or upgrade the service that reads it'],
    [3, '3', 'v = "3": send version 2 or 3, or upgrade the service that reads it'],
  ])('refuses, as reader of %s, version %s', (current, v, message) => {
    expect(refusalOf(() => read(current, { v })).message).toBe(message);
  });

  it('is that of a later release if it is higher, whatever else is in the body', () => {
    expect(() => read(3, { v: 4 })).toThrow(new NewerVersionError('v', 4, 3));
    expect(() => parseRetrainRequest(bytesOf({ v: REQUEST_VERSION + 1, product: ['new'] }))).toThrow(
      NewerVersionError,
    );
  });

  it.each(events)('is found in a body that does not match the schema: %s', (event) => {
    const { body } = sampleOf(event);
    const known = versionOf(event);
    const v = known + 1;
    for (const next of [
      { ...body, v },
      { v, runs: [{ run: null }] },
      { v, run: 7, shard: {}, source: [] },
    ]) {
      expect(() => parseMessage<unknown>(EVENTS[event].schema, bytesOf(next))).toThrow(NewerVersionError);
      expect(newerVersionOf(bytesOf(next), known)).toEqual(new NewerVersionError('v', v, known));
    }
  });

  it.each([
    ['this release', '{"v": 1}'],
    ['none', '{}'],
    ['a fraction', '{"v": 1.5}'],
    ['a text', '{"v": "2"}'],
    ['more than can be counted', '{"v": 1e300}'],
    ['a list', '[{"v": 2}]'],
    ['half a body', '{"v": 2'],
    ['null', 'null'],
  ])('does not mean a later release if it is %s', (_what, text) => {
    expect(newerVersionOf(new TextEncoder().encode(text))).toBeUndefined();
  });

  it('does not mean a later release in a body that is not text', () => {
    expect(newerVersionOf(Buffer.from('{"v": 2, "reason": "\xd6"}', 'latin1'))).toBeUndefined();
  });
});

describe('a request that cannot be read', () => {
  const longId = 'x'.repeat(129);
  const date = 'write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, in UTC';
  const noSuchDay = 'give a date and time that exist';
  const product = 'give a whole number: a product id, or 0 for every active product';
  const name = 'use 1 to 40 characters of a-z, 0-9 and hyphen';
  const id = 'use 1 to 128 characters of A-Z a-z 0-9 _ . : -';
  const seed = 'give 1 to 64 characters, or a whole number';

  it.each([
    ['no JSON', 'productId: 1', 'not-json'],
    ['JSON that was cut off', '{"productId": 1', 'not-json'],
    ['nothing', '', 'not-json'],
    ['a number', '7', 'not-an-object'],
    ['a list', '[{"productId":1}]', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['a text', '"7"', 'not-an-object'],
  ])('is %s', (_what, text, code) => {
    expect(refusalOf(() => parseRetrainRequest(new TextEncoder().encode(text)))).toMatchObject({
      code,
      retryable: false,
      refusal: { field: 'message', value: text, todo: 'send a JSON object' },
    });
  });

  it.each([
    ['Latin-1', Buffer.from('{"productId":7,"reason":"Größe"}', 'latin1')],
    ['UTF-16', Buffer.from('{"productId":7}', 'utf16le').subarray(1)],
    ['half a character', Buffer.from('{"productId":7,"reason":"ö"}').subarray(0, 26)],
    ['any bytes', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('is not UTF-8 but %s', (_what, bytes) => {
    expect(refusalOf(() => parseRetrainRequest(bytes))).toMatchObject({
      code: expect.stringMatching(/^not-(utf-8|json)$/) as string,
      retryable: false,
    });
  });

  it('may start with a byte order mark, which is ignored', () => {
    expect(parseRetrainRequest(Buffer.from('\ufeff{"productId":7}'))).toMatchObject({ productId: 7 });
  });

  it('may have thousands of faults: twenty are named, the others counted', () => {
    const unknown = Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [`f${at}`, at]));
    const refusal = refusalOf(() => parseRetrainRequest(Buffer.from(JSON.stringify(unknown))));
    expect(refusal.message.split('\n')).toHaveLength(21);
    expect(refusal.message).toMatch(/message = 89981: correct this many further fields$/);
  });

  it.each<[what: string, fields: object, field: string, todo: string]>([
    ['no product', { productId: undefined }, 'productId', product],
    [
      'a negative product',
      { productId: -1 },
      'productId',
      'give a product id, or 0 for every active product',
    ],
    ['a fractional product', { productId: 1.5 }, 'productId', product],
    ['a product beyond whole doubles', { productId: 2 ** 60 }, 'productId', product],
    ['a product as text', { productId: '7' }, 'productId', product],
    ['a product of null', { productId: null }, 'productId', product],
    ['a day that does not exist', { startDate: '2023-02-30' }, 'startDate', noSuchDay],
    ['a month that does not exist', { endDate: '2023-13-01 00:00:00' }, 'endDate', noSuchDay],
    ['an hour that does not exist', { endDate: '2023-03-31T24:00:00Z' }, 'endDate', noSuchDay],
    ['a date in words', { startDate: 'monday' }, 'startDate', date],
    ['a date with an offset', { endDate: '2023-03-31T23:59:59+02:00' }, 'endDate', date],
    ['a date as a number', { startDate: 20230101 }, 'startDate', date],
    ['an unknown grid', { grid: 'huge' }, 'grid', 'use one of quick, standard, full'],
    ['an unknown end', { until: 'publishing' }, 'until', 'use one of sampling, training, evaluation'],
    ['a source in capitals', { source: 'Shop' }, 'source', name],
    ['a source that would be two subjects', { source: 'shop.de' }, 'source', name],
    ['a source as a number', { source: 7 }, 'source', name],
    ['a goal that is too long', { goal: 'g'.repeat(41) }, 'goal', name],
    ['a request id that is too long', { requestId: longId }, 'requestId', id],
    ['an empty request id', { requestId: '' }, 'requestId', id],
    ['a fractional seed', { seed: 0.5 }, 'seed', seed],
    ['a seed that is too long', { seed: 's'.repeat(65) }, 'seed', 'give at most 64 characters'],
    ['force in words', { force: 'yes' }, 'force', 'give true or false'],
    ['a reason that is too long', { reason: 'r'.repeat(501) }, 'reason', 'give at most 500 characters'],
    ['a requester that is not a text', { requestedBy: 7 }, 'requestedBy', 'give a text'],
  ])('has %s', (_what, fields, field, todo) => {
    const request = { productId: 1, ...fields };
    const refusal = refusalOf(() => parseRetrainRequest(bytesOf(request)));
    const value = (request as Record<string, unknown>)[field];
    expect(refusal).toMatchObject({ code: 'malformed-request', retryable: false });
    expect((refusal as BadInputsError).refusals).toEqual([{ field, value, todo }]);
  });

  it('may have unknown fields: each is named, with the known fields', () => {
    const refusal = refusalOf(() =>
      parseRetrainRequest(bytesOf({ productId: 1, product: 7, girds: 'full' })),
    );
    expect(refusal).toMatchObject({
      refusals: [
        {
          field: 'product',
          value: 7,
          todo: expect.stringMatching(/^remove it, or use one of v, productId, /),
        },
        { field: 'girds', value: 'full', todo: expect.stringContaining(' grid, ') },
      ],
    });
  });

  it.each<[what: string, productId: number, one: object, field: string, todo: string]>([
    [
      'of every product',
      0,
      { check: 'shift', reason: 'r' },
      'overrule',
      'name a product: a check is overruled for one run',
    ],
    ['without a reason', 1, { check: 'shift' }, 'overrule.0.reason', 'say why, in 1 to 500 characters'],
    [
      'of no code',
      1,
      { check: 'Rows low', reason: 'r' },
      'overrule.0.check',
      'give the code of a check, such as rows-low',
    ],
    ['of no column', 1, { check: 'shift', column: '', reason: 'r' }, 'overrule.0.column', 'name a column'],
    [
      'with more',
      1,
      { check: 'shift', reason: 'r', by: 'me' },
      'overrule.0.by',
      'remove it, or correct its name',
    ],
  ])('has an overrule %s', (_what, productId, one, field, todo) => {
    const refusal = refusalOf(() => parseRetrainRequest(bytesOf({ productId, overrule: [one] })));
    expect((refusal as BadInputsError).refusals).toMatchObject([{ field, todo }]);
  });

  it('may have several faults: all are reported together, one line each', () => {
    const faults = {
      productId: -1,
      source: 'Shop',
      startDate: 'x',
      grid: 'huge',
      requestId: longId,
      mood: 'good',
    };
    const refusal = refusalOf(() => parseRetrainRequest(bytesOf(faults))) as BadInputsError;
    expect(refusal.refusals.map(({ field }) => field).sort()).toEqual(Object.keys(faults).sort());
    expect(refusal.message.split('\n')).toHaveLength(6);
  });
});

describe('a request that can be read', () => {
  it('may be of any version up to its reader’s: fields are only added to requests', () => {
    for (let v = 1; v <= REQUEST_VERSION; v++)
      expect(parseRetrainRequest(bytesOf({ v, productId: 1 }))).toEqual({ v, productId: 1 });
    expect(refusalOf(() => parseRetrainRequest(bytesOf({ v: 0, productId: 1 }))).message).toBe(
      `v = 0: send version 1 to ${REQUEST_VERSION}, or upgrade the service that reads it`,
    );
  });

  it('keeps its seed as text, whether given as text or number', () => {
    expect(parseRetrainRequest(bytesOf({ productId: 1, seed: 42 }))).toMatchObject({ seed: '42' });
    expect(parseRetrainRequest(bytesOf({ productId: 1, seed: '042' }))).toMatchObject({ seed: '042' });
  });

  it.each(['2024-02-29', '2023-03-31 23:59:59', '2023-03-31T23:59:59', '2023-03-31T23:59:59.5Z'])(
    'may give a date as %s',
    (startDate) => {
      expect(parseRetrainRequest(bytesOf({ productId: 0, startDate }))).toMatchObject({ startDate });
    },
  );

  it('may have a request id of 128 characters', () => {
    const requestId = 'x'.repeat(128);
    expect(parseRetrainRequest(bytesOf({ productId: 0, requestId }))).toMatchObject({ requestId });
  });
});
