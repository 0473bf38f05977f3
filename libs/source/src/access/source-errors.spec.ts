import { SourceAwayError } from '@factory/domain';
import { ERROR_KINDS } from '@factory/mysql';
import { SERVER_ERRORS, type ErrorFixture } from '@factory/mysql/error-fixtures';
import type { SourceDefinition } from '../declaration/sources-schema';
import { sourceError } from './source-connection';

const sent = ({ errno, message }: Pick<ErrorFixture, 'errno' | 'message'>): Error =>
  Object.assign(new Error(message), { errno, code: `CODE_OF_${errno}`, sqlMessage: message });
const definition = { name: 'shop', connectionEnv: 'SOURCE_SHOP_URL' } as SourceDefinition;

describe('an error of a source', () => {
  it.each(SERVER_ERRORS.map((one) => [`${one.errno} ${one.message.slice(0, 60)}`, one] as const))(
    '%s uses an attempt, or is a source to wait for',
    (_, { errno, message, kind }) => {
      const meaning = kind && ERROR_KINDS[kind];
      const asSource = sourceError(definition, 'visits', sent({ errno, message }));
      if (meaning === undefined || meaning.source === 'attempt') {
        expect(asSource).not.toBeInstanceOf(SourceAwayError);
        expect(asSource.retryable).toBe(true);
      } else {
        expect(asSource).toMatchObject({ source: 'shop', server: 'source', why: meaning.source });
        expect(asSource).toBeInstanceOf(SourceAwayError);
      }
    },
  );

  it('says whether a source cannot be reached or refuses its account, and what to do', () => {
    const access = sent({
      errno: 1045,
      message: "Access denied for user 'reader'@'h' (using password: YES)",
    });
    const cut = sent({ errno: 2013, message: 'Lost connection to MySQL server during query' });
    expect(sourceError(definition, 'connect', cut)).toMatchObject({
      code: 'source-away',
      message:
        'the source shop cannot be reached (Lost connection to MySQL server during query): work resumes when it is back',
    });
    const insecure = sent({ errno: 3159, message: 'insecure transport are prohibited' });
    expect(sourceError(definition, 'connect', insecure)).toMatchObject({
      code: 'source-tls-required',
      why: 'refused',
      message: expect.stringMatching(/requires an encrypted connection.*require_secure_transport/),
    });
    expect(sourceError(definition, 'connect', access)).toMatchObject({
      code: 'source-access-denied',
      message:
        "the source shop refuses the account (Access denied for user 'reader'@'h' (using password: YES)): " +
        'allow the user of SOURCE_SHOP_URL to connect, without TLS (a MariaDB server that requires TLS reports the same), ' +
        'and grant it SELECT and CREATE TEMPORARY TABLES',
    });
  });

  it('a source with a full disk waits as long as one that refuses, and reports why', () => {
    const full = sent({ errno: 1114, message: "The table '/tmp/#sql_7_1' is full" });
    expect(sourceError(definition, 'draw', full)).toMatchObject({
      code: 'source-full',
      why: 'refused',
      message: "the source shop is full (The table '/tmp/#sql_7_1' is full): free space on its disk",
    });
  });

  it.each([
    [1969, 'source-statement-timeout'],
    [3024, 'source-statement-timeout'],
    [1317, 'source-statement-killed'],
    [1213, 'source-statement-failed'],
    [1064, 'source-statement-failed'],
  ])('%i of a source uses an attempt: %s', (errno, code) => {
    expect(sourceError(definition, 'draw', sent({ errno, message: 'text' }))).toMatchObject({ code });
  });
});
