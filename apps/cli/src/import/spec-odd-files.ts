import { gzipSync } from 'node:zlib';
import { csvValue } from '../score/row-writer';
import type { ImportOptions } from './import-options';

/** A realistic odd file, and how it is imported. */
export interface OddFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly options?: Partial<ImportOptions>;
  /** Options for the other reader. */
  readonly reading?: {
    readonly sep?: string;
    readonly encoding?: string;
    readonly skip?: number;
    readonly decimal?: string;
    readonly thousands?: string;
    readonly missing?: readonly string[];
    readonly label?: string;
  };
  /** Code of the refusal, and a pattern for its message. */
  readonly refused?: readonly [code: string, says: RegExp];
  /** The other reader accepts the file although the import refuses it. */
  readonly readByOthers?: boolean;
}

const ROWS = 120;
type Cell = (row: number) => string;

const ID: Cell = (row) => String(1000 + row);
const NUMBER: Cell = (row) => String(((row * 37) % 101) - 50);
const POINT: Cell = (row) => (((row * 37) % 1010) / 10).toFixed(1);
const COMMA: Cell = (row) => POINT(row).replace('.', ',');
const WORD: Cell = (row) => ['red', 'green', 'blue'][row % 3] ?? '';
const YES: Cell = (row) => (row % 4 === 0 ? 'yes' : 'no');

/** Every `every`th cell has another value. */
const but =
  (cell: Cell, other: string, every: number): Cell =>
  (row) =>
    row % every === every - 1 ? other : cell(row);

function text(columns: Readonly<Record<string, Cell>>, sep = ',', rows = ROWS, end = '\n'): string {
  const lines = Array.from({ length: rows }, (_, row) => Object.values(columns).map((cell) => cell(row)));
  return [Object.keys(columns), ...lines]
    .map((line) => line.map((value) => csvValue(value, sep)).join(sep) + end)
    .join('');
}

const utf8 = (value: string): Buffer => Buffer.from(value);
const plain = (columns: Readonly<Record<string, Cell>>): Buffer => utf8(text({ ...columns, y: YES }));
const said = (
  name: string,
  columns: Readonly<Record<string, Cell>>,
  more: Omit<OddFile, 'name' | 'bytes'> = {},
): OddFile => ({ name, bytes: plain(columns), ...more });
const labels = (name: string, label: Cell, more: Omit<OddFile, 'name' | 'bytes'> = {}): OddFile => ({
  name,
  bytes: utf8(text({ x: NUMBER, y: label })),
  ...more,
});
const whole = text({ x: NUMBER, w: WORD, y: YES });
const nearly = (says: RegExp) => ({ refused: ['nearly-numbers', says] as const });

/** Files with a label column `y`. */
export const ODD_FILES: readonly OddFile[] = [
  // numbers in every notation
  said('plain numbers', { a: NUMBER, b: POINT, w: WORD }),
  said('exponents', { a: (row) => `${(row % 9) + 1}e${row % 5}`, b: (row) => `${row}.5E-2` }),
  said('percent signs', { a: (row) => `${row % 100}%`, b: (row) => `${row % 100} %` }),
  said('currency signs', { a: (row) => `$${POINT(row)}`, b: (row) => `${POINT(row)} €` }),
  said(
    'numbers with and without percent',
    { a: but(NUMBER, '5%', 2) },
    { refused: ['mixed-units', /signs/] },
  ),
  said('decimal comma, not said', { a: COMMA, x: NUMBER }, nearly(/column a = .*'0,0'.*--decimal comma/)),
  {
    name: 'decimal comma, said',
    bytes: utf8(text({ a: COMMA, x: NUMBER, y: YES }, ';')),
    options: { decimal: ',' },
    reading: { sep: ';', decimal: ',' },
  },
  said('thousands, not said', { a: (row) => `${row + 1},234.5` }, nearly(/--thousands comma,/)),
  said(
    'thousands or decimals: ambiguous',
    { a: (row) => `${(row % 9) + 1},234` },
    nearly(/--decimal comma, or --thousands comma/),
  ),
  said(
    'thousands, said',
    { a: (row) => `${row + 1},234.5`, b: NUMBER },
    { options: { thousands: ',' }, reading: { thousands: ',' } },
  ),
  {
    name: 'thousands with dots',
    bytes: utf8(text({ a: (row) => `${row + 1}.234,5`, b: NUMBER, y: YES }, ';')),
    options: { decimal: ',', thousands: '.' },
    reading: { sep: ';', decimal: ',', thousands: '.' },
  },
  said(
    'thousands with blanks',
    { a: (row) => `${row + 1} 234`, b: NUMBER },
    { options: { thousands: ' ' }, reading: { thousands: ' ' } },
  ),
  said('infinity', { a: but(NUMBER, 'Infinity', 60) }, nearly(/'Infinity'.*--numbers a --rest missing/)),
  said('-inf', { a: but(POINT, '-inf', 100) }, nearly(/'-inf'/)),
  said('one stray word', { a: but(NUMBER, 'viele', 100) }, nearly(/--missing viele/)),
  said(
    'one stray word is unknown',
    { a: but(NUMBER, 'viele', 100) },
    { options: { missing: ['viele'] }, reading: { missing: ['viele'] } },
  ),
  said('many words', { a: but(NUMBER, 'viele', 3) }),
  said('beyond float32', { a: but(NUMBER, '1e39', 60) }, nearly(/'1e39'/)),
  said('hexadecimal', { a: (row) => `0x${(row + 16).toString(16)}` }),
  said('zeros in front', {
    a: (row) => String(row).padStart(3, '0'),
    zip: (row) => String(1000 + row * 97).padStart(5, '0'),
  }),
  said('dates', {
    n: NUMBER,
    a: (row) => `2024-03-${String((row % 28) + 1).padStart(2, '0')}`,
    b: (row) => `${(row % 28) + 1}.3.2024`,
    c: (row) => `2024-03-01 10:${String(row % 60).padStart(2, '0')}:00`,
  }),
  said('truth', { a: (row) => (row % 2 ? 'TRUE' : 'False'), b: (row) => String(row % 2) }),
  said('blanks around', { a: (row) => ` ${NUMBER(row)} `, w: (row) => ` ${WORD(row)}` }),
  said('long text', { a: (row) => 'x'.repeat(row === 7 ? 70_000 : 10), n: NUMBER }),
  said('nothing known', { a: () => '', n: NUMBER }),
  // marks for unknown
  ...[
    'NA',
    'N/A',
    '#N/A',
    'NaN',
    'null',
    'NULL',
    'None',
    '\\N',
    '-',
    '--',
    '.',
    '?',
    '',
    '<NA>',
    '(null)',
    'n/a',
    '#DIV/0!',
    'NaT',
  ].map((mark) =>
    said(`unknown as ${JSON.stringify(mark)}`, { a: but(NUMBER, mark, 7), w: but(WORD, mark, 5) }),
  ),
  said(
    'a mark of its own',
    { a: but(NUMBER, '-999', 7), w: but(WORD, 'k. A.', 5) },
    { options: { missing: ['-999', 'k. A.'] }, reading: { missing: ['-999', 'k. A.'] } },
  ),
  // labels
  labels('labels in every case', (row) => ['Yes', ' yes', 'NO', 'no ', 'No'][row % 5] ?? ''),
  labels('labels 1, 1.0 and 1.00', (row) => ['1', '1.0', '1.00', '0', '0.0'][row % 5] ?? ''),
  labels('labels with a dot behind', (row) => ['>50K', '<=50K', '>50K.', '<=50K.'][row % 4] ?? '', {
    options: { goalValues: ['>50K'], otherValues: ['<=50K'] },
    refused: ['unnamed-label', /'>50K.' \(30\)/],
  }),
  labels('labels with a dot behind, named', (row) => ['>50K', '<=50K', '>50K.', '<=50K.'][row % 4] ?? '', {
    options: { goalValues: ['>50K', '>50K.'], otherValues: ['<=50K', '<=50K.'] },
  }),
  labels('maybe', but(YES, 'maybe', 6), { refused: ['unnamed-label', /'maybe' \(20\)/] }),
  labels('0, 1 and 2', (row) => String(row % 3), {
    refused: ['unnamed-label', /'2' \(40\).*--goal-value 1 2/],
  }),
  labels('purchases', (row) => ['0', '0', '1', '2', '5'][row % 5] ?? '', {
    refused: ['unnamed-label', /counts/],
  }),
  labels('empty labels', but(YES, '', 6), { refused: ['unlabelled', /--unlabelled drop/] }),
  labels('empty labels, dropped', but(YES, '', 6), { options: { unlabelled: 'drop' } }),
  labels('plus and minus', (row) => (row % 3 ? '-' : '+'), {
    options: { goalValues: ['+'], otherValues: ['-'] },
  }),
  // files
  { name: 'semicolons', bytes: utf8(text({ x: NUMBER, w: WORD, y: YES }, ';')), reading: { sep: ';' } },
  { name: 'tabs', bytes: utf8(text({ x: NUMBER, w: WORD, y: YES }, '\t')), reading: { sep: '\t' } },
  { name: 'pipes', bytes: utf8(text({ x: NUMBER, w: WORD, y: YES }, '|')), reading: { sep: '|' } },
  {
    name: 'a line sep=',
    bytes: utf8(`sep=;\r\n${text({ x: NUMBER, y: YES }, ';')}`),
    reading: { sep: ';', skip: 1 },
  },
  { name: 'comments first', bytes: utf8(`# made\n# by hand, twice\n${whole}`), reading: { skip: 2 } },
  { name: 'CR LF', bytes: utf8(text({ x: NUMBER, w: WORD, y: YES }, ',', ROWS, '\r\n')) },
  { name: 'CR only', bytes: utf8(text({ x: NUMBER, w: WORD, y: YES }, ',', ROWS, '\r')) },
  { name: 'a byte order mark', bytes: utf8(`\uFEFF${whole}`) },
  { name: 'gzip', bytes: gzipSync(whole) },
  {
    name: 'two gzip members',
    bytes: Buffer.concat([gzipSync(whole.slice(0, 300)), gzipSync(whole.slice(300))]),
  },
  { name: 'line ends in quotes', bytes: plain({ w: (row) => `${WORD(row)}\nand "more", too`, n: NUMBER }) },
  {
    name: 'UTF-16 without a mark, named',
    bytes: Buffer.from(whole, 'utf16le'),
    options: { encoding: 'utf-16le' },
    reading: { encoding: 'utf-16-le' },
  },
  {
    name: 'latin1',
    bytes: Buffer.from(text({ straße: (row) => (row % 2 ? 'Grün' : 'Weiß'), y: YES }), 'latin1'),
    options: { encoding: 'latin1' },
    reading: { encoding: 'latin1' },
  },
  { name: 'a column without a name', bytes: utf8(whole.replace('x,', ',')) },
  { name: 'a column called 007', bytes: plain({ '007': NUMBER, n: NUMBER }) },
  { name: 'a name in another case', bytes: utf8(whole.replace(',y\n', ',Y\n')), reading: { label: 'Y' } },
  { name: 'the id of the row', bytes: plain({ key: ID, n: NUMBER }), options: { idColumn: 'key' } },
  // files that cannot be read
  {
    name: 'UTF-16 without a mark',
    bytes: Buffer.from(whole, 'utf16le'),
    refused: ['wrong-encoding', /--encoding utf-16le.*UTF-16/],
  },
  { name: 'half of a gzip file', bytes: gzipSync(whole).subarray(0, 200), refused: ['broken-gzip', /again/] },
  {
    name: 'more behind a gzip file',
    bytes: Buffer.concat([gzipSync(whole), Buffer.from('more')]),
    refused: ['broken-gzip', /again/],
  },
  {
    name: 'a row too long',
    bytes: utf8(`${whole}1,red,no,7\n`),
    refused: ['ragged-row', /row 121 \(line 122\).*4 values/],
  },
  {
    name: 'a row too short',
    bytes: utf8(`${whole}1,red\n`),
    refused: ['ragged-row', /row 121 \(line 122\).*2 values/],
    readByOthers: true,
  },
  {
    name: 'a quote never closed',
    bytes: utf8(`${whole}1,"red,no\n`),
    refused: ['broken-quotes', /line 122.*never closed/],
  },
  {
    name: 'a zero byte',
    bytes: utf8(`${whole}1,r\0d,no\n`),
    refused: ['nul-byte', /zero byte/],
    readByOthers: true,
  },
  {
    name: 'names twice',
    bytes: utf8(whole.replace('x,w', 'x,X')),
    refused: ['duplicate-header', /columns 1 and 2/],
    readByOthers: true,
  },
  {
    name: 'only a header',
    bytes: utf8('x,w,y\n'),
    refused: ['no-rows', /below the header/],
    readByOthers: true,
  },
  { name: 'nothing', bytes: utf8(''), refused: ['empty-file', /header/] },
  {
    name: 'no header',
    bytes: utf8(whole.slice(whole.indexOf('\n') + 1)),
    refused: ['no-header', /--header/],
  },
  {
    name: 'a zip file',
    bytes: Buffer.from([0x50, 0x4b, 3, 4, 1, 2, 3]),
    refused: ['unsupported-file', /Excel/],
  },
];
