import { BadInputError } from '@factory/domain';

/** The parts of `mysql://user:password@host:port/database`. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const FORM = 'mysql://user:password@host:port/database';

/**
 * Parses a connection string. The value never appears in the error: it contains a password.
 *
 * @param field the reader's name of the value, such as its environment variable
 * @throws BadInputError `missing-connection` when there is none, `invalid-connection` naming the missing part
 */
export function parseConnectionString(field: string, value: string | undefined): DatabaseAddress {
  if (value === undefined || value.trim() === '') {
    throw new BadInputError('missing-connection', { field, value: value ?? null, todo: `set it to ${FORM}` });
  }
  let url: URL;
  try {
    url = new URL(value.trim());
  } catch {
    throw invalid(field, `write it as ${FORM}; percent-encode special characters`);
  }
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') {
    throw invalid(field, `begin it with mysql:// (${FORM})`);
  }
  refuseUnreadParts(field, url);
  const database = decode(field, url.pathname.slice(1));
  const missing = [
    ['host', url.hostname],
    ['user', url.username],
    ['database', database],
  ].flatMap(([part, given]) => (given ? [] : [part]));
  if (missing.length > 0) throw invalid(field, `add the ${missing.join(' and the ')}: ${FORM}`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decode(field, url.username),
    password: decode(field, url.password),
    database,
  };
}

/** Known parameters of other drivers; any other text after a `?` may be part of a password. */
const KNOWN_PARAMETERS =
  /^(ssl|ssl-?mode|ssl-?ca|ssl-?cert|ssl-?key|use-?ssl|require-?ssl|tls|charset|characterEncoding|collation|timezone|serverTimezone|connect-?timeout|socket|socketPath|flags|multipleStatements|allowPublicKeyRetrieval|connectionLimit|pool_?size)$/i;

/**
 * Parts that would be ignored are refused: with `ssl-mode=REQUIRED` ignored, the user would expect TLS in vain.
 */
function refuseUnreadParts(field: string, url: URL): void {
  const names = [...url.searchParams.keys()];
  const known = names.filter((name) => KNOWN_PARAMETERS.test(name));
  if (url.search || url.hash) {
    const which = known.length > 0 && known.length === names.length ? ` ${known.join(', ')}` : '';
    const tls = known.some((name) => /ssl|tls/i.test(name)) ? '; TLS is not supported yet' : '';
    throw invalid(
      field,
      `leave out the parameters${which}: none is read${tls}; write a ? or # of a password as %3F or %23 (${FORM})`,
    );
  }
  if (url.pathname.slice(1).includes('/')) throw invalid(field, `name one database after the port: ${FORM}`);
}

function decode(field: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(field, `percent-encode special characters in user, password and database (${FORM})`);
  }
}

function invalid(field: string, todo: string): BadInputError {
  return new BadInputError('invalid-connection', { field, value: '(hidden)', todo });
}
