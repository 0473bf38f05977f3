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

  it('takes a lone name for a token', () => {
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

  it('never shows a password', () => {
    expect(maskUrl('nats://u:pw@a:1,nats://u:pw@b:2')).toBe('nats://***@a:1,nats://***@b:2');
    const refusal = errorOf(() => parseBrokerUrl('ftp://user:s3cret@host'));
    expect(refusal.message).toContain('host');
    expect(refusal.message).not.toContain('s3cret');
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
