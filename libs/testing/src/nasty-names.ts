/** Names that often break software, as names of columns and as levels of categories. */
export interface NastyName {
  readonly name: string;
  /** Error code if a column of a file has this name; absent = it works like any other. */
  readonly refusedAs?: string;
}

/** All of them work as a level. */
export const NASTY_NAMES: readonly NastyName[] = [
  // of Object.prototype
  ...[
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'valueOf',
    'prototype',
    '__defineGetter__',
  ].map((name) => ({ name })),
  // of JavaScript, JSON and SQL
  ...['length', 'name', 'then', 'select', 'order', 'groups', 'key', 'rank', 'position', 'missing'].map(
    (name) => ({
      name,
    }),
  ),
  // characters that quote, separate, escape or stand for values
  ...[
    `it's`,
    'say "x"',
    '`',
    'a`b',
    '``',
    'back\\slash',
    'a.b',
    '.',
    'a/b',
    'a,b',
    'a;b',
    'a|b',
    'a b',
    'a-b',
  ].map((name) => ({ name })),
  ...[
    '%',
    '100%',
    '$',
    '$1',
    '??',
    'a?b',
    ':',
    ':name',
    '@x',
    '#',
    '# x',
    '--',
    '/* x */',
    '{}',
    '[0]',
    '<b>',
    '*',
  ].map((name) => ({ name })),
  // names that the transform derives from others
  ...['x3', 'x3__missing', 'x3__missing#2', 'x3__other', 'a=b', 'a=b=c', '=', '__missing', '__other'].map(
    (name) => ({
      name,
    }),
  ),
  // numbers, and words for missing values
  ...['007', 'a007', '0x10', '1e5x', 'undefined', 'true', 'nil'].map((name) => ({ name })),
  // other scripts, direction marks, combining characters, 64 characters
  ...['Größe', 'größer', '名前', 'имя', '\u200fימין', 'a\u200eb', 'e\u0301', 'x\u00a0y', 'x'.repeat(64)].map(
    (name) => ({
      name,
    }),
  ),
  { name: 'y'.repeat(65), refusedAs: 'long-header' },
  { name: '😀', refusedAs: 'unusable-column' },
  { name: 'a\u001b[31mb', refusedAs: 'unusable-column' },
  { name: 'a\nb', refusedAs: 'unusable-column' },
  { name: 'a\tb', refusedAs: 'unusable-column' },
  { name: 'a\u007fb', refusedAs: 'unusable-column' },
  ...['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight', 'visitor_half', 'Weight'].map(
    (name) => ({
      name,
      refusedAs: 'reserved-column',
    }),
  ),
];

/** Columns that cannot occur together in a file, after two others, with the error code. */
export const CLASHING_NAMES: readonly (readonly [names: readonly string[], refusedAs: string])[] = [
  [['age', 'age'], 'duplicate-header'],
  [['age', 'Age'], 'duplicate-header'],
  [['age', ' age'], 'duplicate-header'],
  [['age', 'age\t'], 'duplicate-header'],
  [['', 'column_3'], 'duplicate-header'],
  [['__proto__', '__PROTO__'], 'duplicate-header'],
  [['größe', 'GRÖßE'], 'duplicate-header'],
];
