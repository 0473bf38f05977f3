import fc from 'fast-check';
import { headersOf, parseHeaders } from './message-headers';
import { rawBlock } from '@factory/testing';

const read = (...lines: (readonly [string, string])[]) => parseHeaders(rawBlock(lines));

describe('headers from any publisher', () => {
  const readable: [string, (readonly [string, string])[], Record<string, string>][] = [
    ['none', [], {}],
    ['one', [['traceparent', ' 00-ab']], { traceparent: '00-ab' }],
    [
      'repeated: the first counts',
      [
        ['a', '1'],
        ['a', '2'],
      ],
      { a: '1' },
    ],
    ['empty', [['a', '']], { a: '' }],
    ['a colon in the value', [['a', ' b:c']], { a: 'b:c' }],
    [
      'names that differ in case',
      [
        ['A', '1'],
        ['a', '2'],
      ],
      { A: '1', a: '2' },
    ],
    ['a value that is not ASCII', [['a', 'Größe ✓']], { a: 'Größe ✓' }],
    ['a line feed in the value', [['a', 'b\nc']], { a: 'b\nc' }],
    [
      'names of Object.prototype',
      [
        ['constructor', '1'],
        ['toString', '2'],
      ],
      { constructor: '1', toString: '2' } as unknown as Record<string, string>,
    ],
    ['every printable character in a name', [["!#$%&'*+-./|~^_`{}()", '1']], { "!#$%&'*+-./|~^_`{}()": '1' }],
  ];
  it.each(readable)('are read: %s', (_what, lines, values) => {
    expect(read(...lines)).toEqual({ values, fault: null });
  });

  it('are read: __proto__ is a name like any other', () => {
    const { values, fault } = read(['__proto__', 'x']);
    expect([fault, Object.entries(values), Object.getPrototypeOf(values)]).toEqual([
      null,
      [['__proto__', 'x']],
      Object.prototype,
    ]);
  });

  const unreadable: [string, string, string][] = [
    ['a blank in the name', 'X Trace Id', 'X Trace Id'],
    ['a blank after the name', 'X-Trace ', 'X-Trace '],
    ['a tab', 'X\tTrace', 'X\\tTrace'],
    ['an umlaut', 'Größe', 'Größe'],
    ['an emoji', '🚀', '🚀'],
    ['no name', '', ''],
    ['a control character', 'a\u0001', 'a\\u0001'],
    ['a line feed', 'a\nb', 'a\\nb'],
    ['a no-break space', 'a\u00a0b', 'a\u00a0b'],
  ];
  it.each(unreadable)('that cannot be read are named, and the others are read: %s', (_what, name, shown) => {
    const { values, fault } = read(['first', '1'], [name, 'x'], ['last', '2']);
    expect(values).toEqual({ first: '1', last: '2' });
    expect(fault).toMatchObject({ code: 'unreadable-headers' });
    expect(fault?.message).toContain(`headers = ["${shown}"]: publish it again`);
  });

  it.each([
    ['a line without a colon', 'NATS/1.0\r\nnonsense\r\n\r\n', 'nonsense'],
    ['another status line', 'HTTP/1.1 200 OK\r\na: b\r\n\r\n', 'HTTP/1.1 200 OK'],
    ['no line end at all', '\u0000\u0001', '\\u0000\\u0001'],
  ])('in an invalid block: %s', (_what, block, shown) => {
    expect(parseHeaders(Buffer.from(block)).fault?.message).toContain(shown);
  });

  it('accepts a status line', () => {
    expect(parseHeaders(Buffer.from('NATS/1.0 503\r\na: b\r\n\r\n'))).toEqual({
      values: { a: 'b' },
      fault: null,
    });
  });

  it('names three of many', () => {
    const { fault } = read(...Array.from({ length: 100 }, (_, at) => [`bad ${at}`, ''] as const));
    expect(fault?.message).toContain('["bad 0","bad 1","bad 2","and 97 more"]');
  });

  it('reads a block of a megabyte with a quarter of a million names in linear time', () => {
    const block = rawBlock(Array.from({ length: 130_000 }, (_, at) => [at.toString(36), ''] as const));
    const started = performance.now();
    expect(Object.keys(parseHeaders(block).values)).toHaveLength(130_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('property: for any bytes, reading ends, and what was read can be written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc
            .array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), { maxLength: 100 })
            .map(rawBlock),
        ),
        (block) => {
          const { values } = parseHeaders(block);
          expect(headersOf(values).keys().sort()).toEqual(Object.keys(values).sort());
        },
      ),
      { numRuns: 500 },
    );
  });
});
