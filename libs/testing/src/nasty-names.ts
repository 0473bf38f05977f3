/** Names that have broken something somewhere, as names of columns and as levels of categories. */
export interface NastyName {
  readonly name: string;
  /** Code of the refusal when a column of a file is called so; absent = it works like any other. */
  readonly refusedAs?: string;
}

/** Every one works as a level. */
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
  // names that the transform makes of others
  ...['x3', 'x3__missing', 'x3__missing#2', 'x3__other', 'a=b', 'a=b=c', '=', '__missing', '__other'].map(
    (name) => ({
      name,
    }),
  ),
  // numbers and words for nothing in particular
  ...['007', 'a007', '0x10', '1e5x', 'undefined', 'true', 'nil'].map((name) => ({ name })),
  // other scripts, marks of direction, combining characters, 64 characters
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
  ...['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight', 'Weight'].map((name) => ({
    name,
    refusedAs: 'reserved-column',
  })),
];

/** Columns that cannot be beside one another in a file, behind two others, with the code of the refusal. */
export const CLASHING_NAMES: readonly (readonly [names: readonly string[], refusedAs: string])[] = [
  [['age', 'age'], 'duplicate-header'],
  [['age', 'Age'], 'duplicate-header'],
  [['age', ' age'], 'duplicate-header'],
  [['age', 'age\t'], 'duplicate-header'],
  [['', 'column_3'], 'duplicate-header'],
  [['__proto__', '__PROTO__'], 'duplicate-header'],
  [['größe', 'GRÖßE'], 'duplicate-header'],
];
