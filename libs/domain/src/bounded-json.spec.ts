import { DEEPEST_JSON, parseBoundedJson } from './bounded-json';

describe('JSON that others wrote', () => {
  it.each(['null', '{}', '[]', '"a"', '{"a": [1, {"b": "]["}]}', '["\\\\", "\\"[["]', '"\\u005b"'])(
    '%s is parsed',
    (text) => {
      expect(parseBoundedJson(text, 'x')).toEqual(JSON.parse(text));
    },
  );

  it('is parsed up to the deepest level', () => {
    const deep = (levels: number) => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2);
    expect(parseBoundedJson(deep(DEEPEST_JSON), 'x')).toBeDefined();
    expect(() => parseBoundedJson(deep(DEEPEST_JSON + 2), 'message')).toThrow(
      expect.objectContaining({ code: 'too-deep', message: expect.stringMatching(/^message = /) as string }),
    );
    expect(() => parseBoundedJson('['.repeat(10_000_000), 'x')).toThrow(/64 deep/);
  });

  it.each(['[', '{"a"', '"\\', ']]]]', ''])('%j is refused as by JSON.parse', (text) => {
    expect(() => parseBoundedJson(text, 'x')).toThrow(SyntaxError);
  });
});
