import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkYaml, parseBoundedYaml } from './bounded-yaml';

const nested = (levels: number) =>
  Array.from({ length: levels }, (_, at) => `${' '.repeat(at)}a:`).join('\n');
const laughs = Array.from({ length: 9 }, (_, at) =>
  at === 0 ? 'a0: &a0 [x]' : `a${at}: &a${at} [${`*a${at - 1}, `.repeat(9)}]`,
).join('\n');

describe('YAML that others write', () => {
  it('is read as the parser reads it', () => {
    const shop = readFileSync(join(__dirname, '../../../examples/shop/sources.yaml'), 'utf8');
    for (const text of [
      shop,
      '',
      'a: &x {b: [1, "[[["]}\nc: *x\n',
      '- - - 1\n- a: |\n    [[[\n',
      nested(100),
    ])
      expect(parseBoundedYaml(text)).toEqual(parse(text));
  });

  it.each<[string, string, RegExp]>([
    ['brackets', '['.repeat(1_000), /too deep/],
    ['closed brackets', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`, /too deep/],
    ['mappings in brackets', '{a: '.repeat(10_000), /too deep/],
    ['markers of lists', `${'- '.repeat(10_000)}a`, /too deep/],
    ['markers of keys', `${'? '.repeat(10_000)}a`, /too deep/],
    ['indentation', nested(2_000), /too deep/],
    ['aliases', laughs.replace(/a8.*$/s, ''), /Excessive alias count/],
    ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(1_000)}]`, /more than 100 aliases/],
    ['a repeated key', 'a: 1\na: 2\n', /Map keys must be unique: a/],
    ['no YAML', 'a: [1', /flow/i],
  ])('is refused for %s', (_, text, message) => {
    expect(() => parseBoundedYaml(text)).toThrow(message);
  });

  it('costs time in proportion to its keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join('\n');
    const from = performance.now();
    expect(Object.keys(parseBoundedYaml(keys) as object)).toHaveLength(20_000);
    // The parser's own test for repeated keys takes most of a minute.
    expect(performance.now() - from).toBeLessThan(15_000);
  });

  it('10 MB of brackets are refused at once', () => {
    const from = performance.now();
    expect(() => checkYaml('['.repeat(10_000_000))).toThrow(/too deep/);
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});
