import { parseConnectionString } from './connection-string';

const parse = (value: string | undefined) => parseConnectionString('SOURCE_MAIN_URL', value);

describe('parseConnectionString', () => {
  it('is split into its parts, percent-decoded', () => {
    expect(parse('mysql://me%40shop:p%2Fw@db.example:3307/shop')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'me@shop',
      password: 'p/w',
      database: 'shop',
    });
  });

  it('defaults to port 3306 and no password', () => {
    expect(parse('mysql://me@[::1]/shop')).toMatchObject({ host: '::1', port: 3306, password: '' });
  });

  test.each([
    [undefined, 'missing-connection', 'set it to mysql://'],
    ['  ', 'missing-connection', 'set it to mysql://'],
    ['mysql://me:secret@db', 'invalid-connection', 'add the database'],
    ['mysql://db/shop', 'invalid-connection', 'add the user'],
    ['mysql://:secret@db/', 'invalid-connection', 'add the user and the database'],
    ['postgres://me:secret@db/shop', 'invalid-connection', 'begin it with mysql://'],
    ['me:secret@db/shop', 'invalid-connection', 'begin it with mysql://'],
    ['mysql://me:secret%@db/shop', 'invalid-connection', 'percent-encode'],
    [
      'mysql://me:secret@db/shop?ssl-mode=REQUIRED',
      'invalid-connection',
      'the parameters ssl-mode: none is read; TLS is',
    ],
    [
      'mysql://me:secret@db/shop?sslmode=require&ssl-ca=x',
      'invalid-connection',
      'parameters sslmode, ssl-ca',
    ],
    [
      'mysql://me:secret@db/shop?charset=latin1',
      'invalid-connection',
      'the parameters charset: none is read',
    ],
    ['mysql://me:secret@db/shop?secret=1', 'invalid-connection', 'leave out the parameters: none is read'],
    ['mysql://me:x@db/shop#secret', 'invalid-connection', 'write a ? or # of a password as %3F or %23'],
    ['mysql://me:se?secret@db/shop', 'invalid-connection', 'write it as mysql://'],
    ['mysql://me:se#secret@db/shop', 'invalid-connection', 'write it as mysql://'],
    ['mysql://me:secret@db/shop/other', 'invalid-connection', 'name one database'],
  ])('%s: %s, %s', (value, code, todo) => {
    const refusal = caught(() => parse(value));
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(todo) });
    expect(refusal.message).toContain('SOURCE_MAIN_URL');
    expect(refusal.message).not.toContain('secret');
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new RangeError('nothing was refused');
}
