import { parseConnectionString } from './connection-string';

const parse = (value: string | undefined) => parseConnectionString('SOURCE_MAIN_URL', value);

describe('parseConnectionString', () => {
  it('takes the parts apart, percent-decoded', () => {
    expect(parse('mysql://me%40shop:p%2Fw@db.example:3307/shop')).toEqual({
      host: 'db.example',
      port: 3307,
      user: 'me@shop',
      password: 'p/w',
      database: 'shop',
    });
  });

  it('takes port 3306 and no password where they are left out', () => {
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
