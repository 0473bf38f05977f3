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
 * Takes a connection string apart. The value never appears in the error: it holds a password.
 *
 * @param field what the reader knows the value by, such as the name of its environment variable
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
