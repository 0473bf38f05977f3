import { cellReader, type ReadingRules } from '@factory/rows';
import { ColumnWatch, type ColumnProfile, type DeclaredKind } from './column-kinds';

const NOTHING: DeclaredKind = { kind: undefined, restMissing: false };

function profileOf(
  values: readonly string[],
  rules: ReadingRules = {},
  declared: DeclaredKind = NOTHING,
): ColumnProfile {
  const watch = new ColumnWatch('price', 0, cellReader(rules), declared, 1_000);
  values.forEach((value, at) => watch.look([value], at + 1));
  return watch.profile;
}

/** So many plain numbers, and the rest. */
const among = (count: number, ...rest: string[]): string[] => [
  ...Array.from({ length: count }, (_, at) => String(at * 3 + 1)),
  ...rest,
];

describe('the kind of a column', () => {
  it.each<[string, string[], ColumnProfile['kind'], RegExp]>([
    ['whole numbers', ['1', '-2', '+3'], 'number', /every value/],
    ['decimals', ['1.5', '.5', '2.'], 'number', /every value/],
    ['exponents', ['1e5', '2E-3', '1.5e+2'], 'number', /every value/],
    ['blanks around', [' 1', '2 ', '\t3'], 'number', /every value/],
    ['a typographic minus', ['\u22125', '3'], 'number', /every value/],
    ['percent', ['12%', '3.5 %'], 'number', /with %/],
    ['dollars', ['$5', '$1.50', '-$3'], 'number', /with \$/],
    ['euros behind', ['5 €', '1.5€'], 'number', /with €/],
    ['unknowns between', ['1', 'NA', '', '?'], 'number', /every value/],
    ['ones and zeros', ['0', '1', '0'], 'number', /every value/],
    ['words', ['red', 'green'], 'category', /no value is a number/],
    ['codes with zeros in front', ['007', '012', '123'], 'category', /leading zeros, such as '007'/],
    ['hexadecimal', ['0x1F', '0xff'], 'category', /no value is a number/],
    ['numbers and many words', ['1', '2', 'x', 'y'], 'category', /50 % are numbers, others such as 'x'/],
    ['numbers with units', ['12 kg', '3 kg'], 'category', /no value is a number/],
    ['truth', ['true', 'false'], 'category', /no value is a number/],
    ['nothing', ['', 'NA'], 'category', /no value is known/],
    ['versions', ['1.2.3', '1.2.4'], 'category', /no value is a number/],
    ['addresses', ['10.0.0.1', '192.168.0.1'], 'category', /no value is a number/],
    ['ranges', ['18-25', '26-35'], 'category', /no value is a number/],
    ['ISO dates', ['2024-01-31', '2024-02-01'], 'date', /date/],
    ['times', ['2024-01-31 10:00', '2024-02-01T11:00:00Z'], 'date', /date/],
    ['German dates', ['31.1.2024', '1.2.2024'], 'date', /date/],
    ['American dates', ['1/31/2024', '2/1/24'], 'date', /date/],
    ['long text', ['x'.repeat(256), '1'], 'text', /255/],
  ])('%s', (_, values, kind, why) => {
    expect(profileOf(values)).toMatchObject({
      kind,
      why: expect.stringMatching(why) as string,
      doubt: undefined,
    });
  });
});

describe('numbers never silently become categories', () => {
  it.each<[string, string[], RegExp]>([
    ['decimal commas', ['1,5', '2,75', '3'], /: --decimal comma, or --numbers/],
    ['thousands', ['1,234.5', '12,345.0'], /: --thousands comma, or/],
    ['thousands without decimals', ['1,234', '5,678'], /--decimal comma, or --thousands comma, or/],
    ['millions', ['1,234,567', '2'], /: --thousands comma, or/],
    ['lakhs', ['12,34,567', '1,00,000'], /: --thousands comma, or/],
    ['German thousands', ['1.234,5', '2.000,0'], /: --decimal comma --thousands dot, or/],
    ['German millions', ['1.234.567', '2.345.678'], /--decimal comma --thousands dot/],
    ['blanks in thousands', ['1 234', '12 345'], /: --thousands space, or/],
    ['narrow blanks', ['1\u202f234', '2\u00a0345'], /: --thousands space, or/],
    ['Swiss thousands', ["1'234.50", '2’000.00'], /: --thousands apostrophe, or/],
    ['French numbers', ['1 234,5', '2 000,0'], /--decimal comma --thousands space/],
    ['underscores in thousands', ['1_000', '12_345.5'], /: --thousands underscore, or/],
    ['underscores and a comma', ['1_000,5', '2_000,0'], /--decimal comma --thousands underscore/],
    ['percent with a comma', ['12,5%', '3,5%'], /--decimal comma/],
    ['Infinity', among(99, 'Infinity'), /--numbers price --rest missing/],
    ['-inf', among(99, '-inf'), /--rest missing/],
    ['infinity only', ['inf', 'inf'], /--rest missing/],
    ['too large', among(99, '1e39'), /--rest missing/],
    ['booked', among(99, '(1,234)'), /'\(1,234\)'/],
    ['a minus behind', among(99, '12-'), /'12-'/],
    ['one stray word in 600', among(599, 'unbekannt'), /599 of 600.*'unbekannt'.*--missing unbekannt/],
    ['two stray words', among(198, 'a b', 'c'), /198 of 200 .* 2 are not.*--numbers price --rest missing/],
    ['at 98 %', among(49, 'x'), /49 of 50/],
    ['one code among numbers', among(99, '007'), /'007'.*--numbers price, or/],
    ['hexadecimal among numbers', among(99, '0x1F'), /'0x1F'/],
    ['a date among numbers', among(99, '2024-01-01'), /'2024-01-01'/],
    ['a comma among points', among(97, '1.5', '2,5'), /'2,5'/],
    ['a unit at one', among(99, '5 kg'), /'5 kg'/],
  ])('%s are refused with the ways to read them', (_, values, says) => {
    const { doubt } = profileOf(values);
    expect(doubt).toMatchObject({ code: 'nearly-numbers', field: 'column price' });
    expect(`${String(doubt?.value)}: ${doubt?.todo}`).toMatch(says);
    expect(doubt?.todo).toContain('--categories price');
  });

  it.each([
    ['with and without percent', ['12%', '12']],
    ['two currencies', ['$5', '€5']],
    ['a currency and none', ['$5', '5']],
  ])('%s are refused because their unit is ambiguous', (_, values) => {
    expect(profileOf(values).doubt).toMatchObject({ code: 'mixed-units' });
  });

  it('below 98 % they are categories, and the table says why', () => {
    expect(profileOf(among(48, 'x'))).toMatchObject({ kind: 'category', doubt: undefined });
    expect(profileOf(among(48, 'x')).why).toMatch(/^97 % are numbers, others such as 'x'/);
  });
});

describe('declarations of a column', () => {
  const numbers = { kind: 'number', restMissing: false } as const;

  it.each([
    [['red', 'green'], /'red'.*leave it out of --numbers$/],
    [['x', 'NA', ''], /none of 1 values is a number/],
    [['1,5', '2,5'], /--decimal comma, or leave/],
    [['1_000', '2_000'], /--thousands underscore, or leave/],
    [['2024-01-01'], /'2024-01-01'/],
  ])('--numbers of %j, none of which is one, is refused', (values, says) => {
    const { doubt } = profileOf(values, {}, { kind: 'number', restMissing: true });
    expect(doubt).toMatchObject({ code: 'no-numbers', field: 'column price' });
    expect(`${String(doubt?.value)}: ${doubt?.todo}`).toMatch(says);
  });

  it.each([[['', 'NA']], [['red', '5']]])('--numbers of %j is accepted: nothing contradicts it', (values) => {
    const { kind, doubt } = profileOf(values, {}, { kind: 'number', restMissing: true });
    expect({ kind, doubt }).toEqual({ kind: 'number', doubt: undefined });
  });

  it.each<[string, string[], ReadingRules, number, number]>([
    ['--decimal comma', ['1,5', '-2,5', '3'], { decimal: ',' }, -2.5, 3],
    ['--thousands comma', ['1,234.5', '7'], { thousands: ',' }, 7, 1234.5],
    ['both', ['1.234,5', '1.000.000'], { decimal: ',', thousands: '.' }, 1234.5, 1e6],
    ['--thousands space', ['1 234', '1\u202f235'], { thousands: ' ' }, 1234, 1235],
    ['--thousands apostrophe', ["1'234", '1’235'], { thousands: "'" }, 1234, 1235],
    ['--thousands underscore', ['1_234', '5'], { thousands: '_' }, 5, 1234],
    ['--missing', ['1', 'x', 'X '], { missing: ['x'] }, 1, 1],
    ['--missing -999', ['1', '-999.0', '-999'], { missing: ['-999'] }, 1, 1],
  ])('%s reads numbers', (_, values, rules, min, max) => {
    expect(profileOf(values, rules)).toMatchObject({ kind: 'number', min, max, doubt: undefined });
  });

  it('--numbers refuses a value that is not a number with its row, or treats it as unknown with --rest missing', () => {
    expect(() => profileOf(['1', 'x'], {}, numbers)).toThrow(
      expect.objectContaining({
        code: 'not-a-number',
        message: expect.stringMatching(/price, row 2 = "x"/) as string,
      }),
    );
    expect(profileOf(['1', 'x', '', 'Infinity'], {}, { kind: 'number', restMissing: true })).toMatchObject({
      kind: 'number',
      missing: 3,
      min: 1,
      max: 1,
    });
  });

  it('--numbers reads codes and mixed units as numbers, --categories numbers as codes', () => {
    expect(profileOf(['007', '5%', '6'], {}, numbers)).toMatchObject({ kind: 'number', min: 5, max: 7 });
    expect(profileOf(['1', '2'], {}, { kind: 'category', restMissing: false }).kind).toBe('category');
  });

  it('--categories refuses a text that is too long for a category', () => {
    expect(() => profileOf(['x'.repeat(256)], {}, { kind: 'category', restMissing: false })).toThrow(
      expect.objectContaining({ code: 'long-category' }),
    );
  });
});

describe('the profile of a column', () => {
  it('has missing, levels, range and three examples', () => {
    expect(profileOf(['3', '', '1', '3', '2', '4', 'NA'])).toMatchObject({
      missing: 2,
      levels: 4,
      allLevels: true,
      min: 1,
      max: 4,
      examples: ['3', '1', '2'],
    });
  });

  it('counts at most a thousand levels, whatever the file contains', () => {
    const many = profileOf(Array.from({ length: 5_000 }, (_, at) => `id-${at}`));
    expect(many).toMatchObject({ levels: 1_000, allLevels: false });
  });

  it('shows no more than forty characters of a value', () => {
    expect(profileOf(['x'.repeat(1_000)]).examples).toEqual([`${'x'.repeat(40)}...`]);
  });
});
