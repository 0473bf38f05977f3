export { BulkInsert } from './bulk-insert';
export { awayReason, outageReason, errorKindOf, mayRunAgain } from './connection-errors';
export { connectAsOwner, ownerError } from './owner-connection';
export { identifier, joinSql, sql, type SqlText, type SqlValue } from './sql-text';
export { parseConnectionString, type DatabaseAddress } from './connection-string';
export { type ErrorKind, ERROR_KINDS } from './error-kinds';
export { driverWithOwnSessions, SESSION_STATEMENTS } from './session';
