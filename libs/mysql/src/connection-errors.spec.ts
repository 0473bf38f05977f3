import { QueryFailedError } from 'typeorm';
import { awayReason, errorKindOf, mayRunAgain, outageReason } from './connection-errors';
import { SERVER_ERRORS, type ErrorFixture } from './error-fixtures';
import { ERROR_KINDS, KINDS_BY_TEXT, KIND_OF_CODE, KIND_OF_NUMBER } from './error-kinds';

const sent = ({ errno, message }: Pick<ErrorFixture, 'errno' | 'message'>): Error =>
  Object.assign(new Error(message), { errno, code: `CODE_OF_${errno}`, sqlMessage: message });
const title = ({ errno, message, kind }: ErrorFixture) =>
  [`${errno} ${message.slice(0, 60)}`, kind ?? 'a fault of the statement', { errno, message, kind }] as const;

describe('the kinds of errors of MySQL and MariaDB', () => {
  it.each(SERVER_ERRORS.map(title))('%s: %s', (_, __, fixture) => {
    const { kind } = fixture;
    const error = sent(fixture);
    expect(errorKindOf(error)).toBe(kind);
    expect(errorKindOf(new QueryFailedError('SELECT 1', [], error))).toBe(kind);
    expect(errorKindOf(new Error('while doing something', { cause: error }))).toBe(kind);

    const meaning = kind && ERROR_KINDS[kind];
    expect(mayRunAgain(error)).toBe(meaning?.ledger === 'again');
    expect(awayReason(error)).toBe(meaning?.ledger === 'again' ? undefined : meaning?.ledger);
  });

  it('has a fixture for every number of the table', () => {
    const numbers = [...Object.keys(KIND_OF_NUMBER), ...Object.keys(KINDS_BY_TEXT)].map(Number);
    expect(new Set(SERVER_ERRORS.map(({ errno }) => errno))).toEqual(
      new Set([...numbers, 1054, 1062, 1064, 1153, 1292, 1406, 1452]),
    );
    expect(numbers).toHaveLength(new Set(numbers).size);
  });

  it.each(Object.entries(KIND_OF_CODE))('the driver says %s: %s', (code, kind) => {
    const error = Object.assign(new Error('connect'), { code, errno: -111 });
    expect(errorKindOf(error)).toBe(kind);
    expect(errorKindOf(new AggregateError([error], 'all addresses'))).toBe(kind);
  });

  it.each([
    "Can't add new command when connection is in closed state",
    'Connection lost: The server closed the connection.',
    'Pool is closed.',
  ])('the driver says without a code: %s', (text) => {
    expect(errorKindOf(new Error(text))).toBe('gone');
  });

  it.each([
    undefined,
    null,
    'ECONNREFUSED',
    1040,
    {},
    new TypeError('x is not a function'),
    { code: 'toString' },
  ])('does not classify %p', (thrown) => {
    expect(errorKindOf(thrown)).toBeUndefined();
    expect(awayReason(thrown)).toBeUndefined();
    expect(mayRunAgain(thrown)).toBe(false);
  });
});

describe('an error, in words', () => {
  const access = sent({ errno: 1045, message: "Access denied for user 'reader'@'h' (using password: YES)" });

  it('a wrong account is corrected by the person who gave it, all else is an outage', () => {
    expect(outageReason(access)).toBeUndefined();
    expect(outageReason(sent({ errno: 1049, message: "Unknown database 'x'" }))).toBeUndefined();
    expect(outageReason(sent({ errno: 1040, message: 'Too many connections' }))).toBe('busy');
    expect(outageReason(sent({ errno: 1836, message: 'Running in read-only mode' }))).toBe('read-only');
  });
});
