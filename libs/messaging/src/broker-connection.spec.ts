import { FactoryError, ServerAwayError } from '@factory/domain';
import {
  ClosedConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';
import { isBrokerAway, maskUrl, parseBrokerUrl } from './broker-connection';

describe('parseBrokerUrl', () => {
  it('takes user and password from the address', () => {
    expect(parseBrokerUrl('nats://factory:p%40ss@broker:4222')).toEqual({
      servers: ['broker:4222'],
      user: 'factory',
      pass: 'p@ss',
    });
  });

  it('reads a user without password as a token', () => {
    expect(parseBrokerUrl('nats://s3cret@broker:4222')).toEqual({
      servers: ['broker:4222'],
      token: 's3cret',
    });
  });

  it('takes several addresses, with or without nats://', () => {
    expect(parseBrokerUrl('nats://a:4222, b:4223')).toEqual({ servers: ['a:4222', 'b:4223'] });
  });

  it.each(['http://broker:4222', 'nats://', 'nats://bro ker'])(
    'refuses %p and says how to write it',
    (url) => {
      expect(() => parseBrokerUrl(url)).toThrow(/NATS_URL = .*write nats:\/\/host:port/);
    },
  );

  it('masks everything up to the last @: a password may contain a comma, a slash or an @', () => {
    expect(maskUrl('nats://u:pw@a:1,nats://u:pw@b:2')).toBe('nats://***@b:2');
    expect(maskUrl('u:pw@a:1')).toBe('***@a:1');
    expect(maskUrl('nats://a:1,b:2')).toBe('nats://a:1,b:2');
  });

  it.each(['broker:4222', 'broker', '[::1]:4222', '127.0.0.1'])('accepts a bare host: %p', (url) => {
    expect(parseBrokerUrl(url).servers).toHaveLength(1);
  });

  it.each(['user:s3cret@host:4222', 's3cret@host', 'nats://a:1,user:s3cret@host:4222', ':s3cret@host:4222'])(
    'refuses user and password without nats://, and does not show them: %p',
    (url) => {
      const refusal = errorOf(() => parseBrokerUrl(url));
      expect(refusal.message).toMatch(/NATS_URL = .*\*\*\*@host.*begin it with nats:\/\//);
      expect(refusal.message).not.toContain('s3cret');
    },
  );

  it.each([
    'ftp://user:s3cret@host',
    'user:s3cret@host:4222:1',
    'user:s3cret@ho st',
    'nats://user:s3cret@host:4222?tls=true',
    'nats://user:s3cret@host:4222/#x',
    'nats://user:s3cret@host:4222/app',
    'nats://user:a,s3cret@host:x',
    'nats://user:a/s3cret@host:x',
    'nats://user:a@s3cret@ho st',
    'tls://user:s3cret@host:4222',
    'nats://user:s3cret@a:1,nats://user:s3cret2@b:1,nats://other:s3cret@host',
  ])('refuses %p without showing its password', (url) => {
    const refusal = errorOf(() => parseBrokerUrl(url));
    expect(refusal).toMatchObject({ code: 'invalid-broker-url' });
    expect(refusal.message).not.toContain('s3cret');
    expect(refusal.message).toMatch(/\*\*\*@ho/);
  });

  it.each([
    ['nats://host:4222?tls=true', /leave out what follows the port/],
    ['nats://host:4222/app', /leave out what follows the port/],
    ['nats://host:4222#a', /leave out what follows the port/],
    ['tls://host:4222', /TLS are not supported yet/],
    ['nats://u:p@a:1,nats://v:p@b:1', /same user and password/],
  ])('refuses parts that would be ignored: %p', (url, message) => {
    expect(() => parseBrokerUrl(url)).toThrow(message);
  });

  it('uses one user for all addresses', () => {
    expect(parseBrokerUrl('nats://u:p@a:1/,nats://u:p@b:1,c:1')).toEqual({
      servers: ['a:1', 'b:1', 'c:1'],
      user: 'u',
      pass: 'p',
    });
  });
});

describe('isBrokerAway', () => {
  it.each([
    new TimeoutError(),
    new ClosedConnectionError(),
    new RequestError('no responders', { cause: new NoRespondersError('x') }),
    new FactoryError('any', 'wrapped', true, { cause: new TimeoutError() }),
    new ServerAwayError('broker'),
  ])('%p: waiting helps', (error) => expect(isBrokerAway(error)).toBe(true));

  it.each([new TypeError('x'), new ServerAwayError('database'), 'text', null])(
    '%p: not the broker',
    (error) => expect(isBrokerAway(error)).toBe(false),
  );
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (thrown) {
    return thrown as Error;
  }
  throw new TypeError('nothing was thrown');
}
