import { identifier, joinSql, sql } from './sql-text';

describe('sql', () => {
  it('turns values into question marks, in order, through nested pieces', () => {
    const inner = sql`a = ${1} AND b IN (${joinSql([sql`${'x'}`, sql`${null}`], ', ')})`;
    expect(sql`SELECT ${identifier('c')} FROM t WHERE ${inner} LIMIT ${5}`).toEqual({
      text: 'SELECT `c` FROM t WHERE a = ? AND b IN (?, ?) LIMIT ?',
      values: [1, 'x', null, 5],
    });
  });

  it('an identifier cannot end its own quotes', () => {
    expect(identifier('v', 'a`; DROP TABLE t; --').text).toBe('`v`.`a``; DROP TABLE t; --`');
  });
});
