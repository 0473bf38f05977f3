import type { AwayReason } from '@factory/domain';

/** The meaning of a kind of database error for the sender of the statement. */
export interface ErrorMeaning {
  /**
   * For the ledger. A reason: the database is unavailable, work waits and uses no attempt. `again`: the
   * transaction was not at fault, it is retried.
   */
  readonly ledger: AwayReason | 'again';
  /**
   * For a source. `unreachable` and `refused` as in `SourceAwayError`: its runs wait and use no attempt, the
   * latter for a limited time. `attempt`: retried, using an attempt.
   */
  readonly source: 'unreachable' | 'refused' | 'attempt';
  /** The exact reason, where a source distinguishes only two. */
  readonly why: AwayReason;
}

/** Kinds of MySQL, MariaDB and driver errors, and their consequences. */
export const ERROR_KINDS = {
  /** No server answers, or the connection is lost. */
  gone: { ledger: 'unreachable', source: 'unreachable', why: 'unreachable' },
  /** The server is shutting down, or does not accept statements yet, as in every restart and failover. */
  'shutting-down': { ledger: 'unreachable', source: 'unreachable', why: 'unreachable' },
  /** No connection is free: on the server, for the account or for the database. */
  'too-many': { ledger: 'busy', source: 'unreachable', why: 'busy' },
  /** A former writer after a failover. A source only writes temporary tables, which most such servers allow. */
  'read-only': { ledger: 'read-only', source: 'refused', why: 'read-only' },
  /** Wrong, rotated, locked or expired credentials, or a host that may not connect. */
  refused: { ledger: 'refused', source: 'refused', why: 'refused' },
  /** The server or the account requires TLS. MariaDB reports this like a wrong password. */
  insecure: { ledger: 'insecure', source: 'refused', why: 'insecure' },
  /** The account may log in, but lacks the privilege. */
  'not-granted': { ledger: 'refused', source: 'refused', why: 'refused' },
  /** The database does not exist: dropped, being restored, or misspelt. */
  missing: { ledger: 'missing', source: 'refused', why: 'missing' },
  /** For the ledger the same: it is not migrated, or is being restored. For a source, a wrong declaration. */
  'no-table': { ledger: 'missing', source: 'attempt', why: 'missing' },
  /**
   * No space on a disk or in memory. A source's run may itself be the cause, so it waits for a limited time.
   */
  full: { ledger: 'full', source: 'refused', why: 'full' },
  /** Rolled back in a deadlock, after a lock wait timeout, or by the cluster. */
  lock: { ledger: 'again', source: 'attempt', why: 'busy' },
  /** Somebody killed the statement; the connection remains usable. */
  killed: { ledger: 'again', source: 'attempt', why: 'busy' },
  /** The server's own statement timeout. */
  timeout: { ledger: 'again', source: 'attempt', why: 'busy' },
} as const satisfies Record<string, ErrorMeaning>;
export type ErrorKind = keyof typeof ERROR_KINDS;

/** ENOSPC, and HA_ERR_DISK_FULL of both. */
const NO_SPACE = /\b(?:28|189)\b|no space left/i;

/** Error numbers of the server; MySQL 8 to 9 and MariaDB 10.11 to 11, which share those below 1900. */
export const KIND_OF_NUMBER: Readonly<Record<number, ErrorKind>> = {
  1042: 'gone', // ER_BAD_HOST_ERROR
  1043: 'gone', // ER_HANDSHAKE_ERROR
  1152: 'gone', // ER_ABORTING_CONNECTION
  1156: 'gone', // ER_NET_PACKETS_OUT_OF_ORDER
  1157: 'gone', // ER_NET_UNCOMPRESS_ERROR
  1158: 'gone', // ER_NET_READ_ERROR
  1159: 'gone', // ER_NET_READ_INTERRUPTED
  1160: 'gone', // ER_NET_ERROR_ON_WRITE
  1161: 'gone', // ER_NET_WRITE_INTERRUPTED
  1184: 'gone', // ER_NEW_ABORTING_CONNECTION
  1927: 'gone', // MariaDB's ER_CONNECTION_KILLED
  2002: 'gone', // CR_CONNECTION_ERROR
  2003: 'gone', // CR_CONN_HOST_ERROR
  2005: 'gone', // CR_UNKNOWN_HOST
  2006: 'gone', // CR_SERVER_GONE_ERROR
  2013: 'gone', // CR_SERVER_LOST
  2055: 'gone', // CR_SERVER_LOST_EXTENDED
  3169: 'gone', // MySQL's ER_SESSION_WAS_KILLED
  4031: 'gone', // MySQL's ER_CLIENT_INTERACTION_TIMEOUT

  1053: 'shutting-down', // ER_SERVER_SHUTDOWN
  1077: 'shutting-down', // ER_NORMAL_SHUTDOWN
  1079: 'shutting-down', // ER_SHUTDOWN_COMPLETE
  3032: 'shutting-down', // MySQL's ER_SERVER_OFFLINE_MODE
  3100: 'shutting-down', // MySQL's ER_RUN_HOOK_ERROR: a group that lost its majority or its primary

  1040: 'too-many', // ER_CON_COUNT_ERROR
  1203: 'too-many', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'too-many', // ER_USER_LIMIT_REACHED
  1461: 'too-many', // ER_MAX_PREPARED_STMT_COUNT_REACHED

  1036: 'read-only', // ER_OPEN_AS_READONLY
  1792: 'read-only', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'read-only', // ER_READ_ONLY_MODE
  1874: 'read-only', // ER_INNODB_READ_ONLY

  1045: 'refused', // ER_ACCESS_DENIED_ERROR
  1129: 'refused', // ER_HOST_IS_BLOCKED
  1130: 'refused', // ER_HOST_NOT_PRIVILEGED
  1251: 'refused', // ER_NOT_SUPPORTED_AUTH_MODE
  1524: 'refused', // ER_PLUGIN_IS_NOT_LOADED
  1698: 'refused', // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1820: 'refused', // ER_MUST_CHANGE_PASSWORD
  1862: 'refused', // ER_MUST_CHANGE_PASSWORD_LOGIN
  1873: 'refused', // ER_ACCESS_DENIED_CHANGE_USER_ERROR
  3118: 'refused', // MySQL's ER_ACCOUNT_HAS_BEEN_LOCKED
  3159: 'insecure', // ER_SECURE_TRANSPORT_REQUIRED
  3955: 'refused', // MySQL's ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
  4150: 'refused', // MariaDB's ER_USER_IS_BLOCKED
  4151: 'refused', // MariaDB's ER_ACCOUNT_HAS_BEEN_LOCKED

  1044: 'not-granted', // ER_DBACCESS_DENIED_ERROR
  1142: 'not-granted', // ER_TABLEACCESS_DENIED_ERROR
  1143: 'not-granted', // ER_COLUMNACCESS_DENIED_ERROR
  1227: 'not-granted', // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1370: 'not-granted', // ER_PROCACCESS_DENIED_ERROR

  1049: 'missing', // ER_BAD_DB_ERROR

  1146: 'no-table', // ER_NO_SUCH_TABLE

  20: 'full', // EE_DISK_FULL
  1021: 'full', // ER_DISK_FULL
  1037: 'full', // ER_OUTOFMEMORY
  1041: 'full', // ER_OUT_OF_RESOURCES
  1114: 'full', // ER_RECORD_FILE_FULL
  1135: 'full', // ER_CANT_CREATE_THREAD

  1020: 'lock', // ER_CHECKREAD
  1205: 'lock', // ER_LOCK_WAIT_TIMEOUT
  1213: 'lock', // ER_LOCK_DEADLOCK
  1614: 'lock', // ER_XA_RBDEADLOCK
  1689: 'lock', // ER_LOCK_ABORTED
  3058: 'lock', // ER_USER_LOCK_DEADLOCK
  3101: 'lock', // MySQL's ER_TRANSACTION_ROLLBACK_DURING_COMMIT
  3572: 'lock', // MySQL's ER_LOCK_NOWAIT

  1317: 'killed', // ER_QUERY_INTERRUPTED

  1969: 'timeout', // MariaDB's ER_STATEMENT_TIMEOUT
  3024: 'timeout', // MySQL's ER_QUERY_TIMEOUT
};

/**
 * Numbers with several meanings: the kind is the first whose pattern matches the server's text, in any language
 * of the server; none if no pattern matches.
 */
export const KINDS_BY_TEXT: Readonly<Record<number, readonly (readonly [words: RegExp, kind: ErrorKind])[]>> =
  {
    3: [[NO_SPACE, 'full']], // EE_WRITE
    1026: [[NO_SPACE, 'full']], // ER_ERROR_ON_WRITE
    1030: [[NO_SPACE, 'full']], // ER_GET_ERRNO
    1047: [[/wsrep/i, 'shutting-down']], // ER_UNKNOWN_COM_ERROR: a Galera node outside its cluster
    // ER_ERROR_DURING_COMMIT: HA_ERR_LOCK_WAIT_TIMEOUT, HA_ERR_LOCK_DEADLOCK
    1180: [
      [/\b(?:146|149)\b/, 'lock'],
      [NO_SPACE, 'full'],
    ],
    // ER_OPTION_PREVENTS_STATEMENT: --read-only, --super-read-only, --innodb-read-only; others are not outages
    1290: [[/read.only/i, 'read-only']],
  };

/** Codes of Node and of the driver. */
export const KIND_OF_CODE: Readonly<Record<string, ErrorKind>> = {
  ECONNREFUSED: 'gone',
  ECONNRESET: 'gone',
  ECONNABORTED: 'gone',
  EPIPE: 'gone',
  ETIMEDOUT: 'gone',
  EHOSTUNREACH: 'gone',
  EHOSTDOWN: 'gone',
  ENETUNREACH: 'gone',
  ENETDOWN: 'gone',
  EADDRNOTAVAIL: 'gone',
  EAI_AGAIN: 'gone',
  EAI_FAIL: 'gone',
  ENOTFOUND: 'gone',
  EINVAL: 'gone', // a name that no host can have
  ENOENT: 'gone', // a socket file
  ERR_STREAM_DESTROYED: 'gone',
  ERR_STREAM_PREMATURE_CLOSE: 'gone',
  ERR_STREAM_WRITE_AFTER_END: 'gone',
  ERR_SOCKET_CLOSED: 'gone',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'gone',
  POOL_CLOSED: 'gone',
  PROTOCOL_CONNECTION_LOST: 'gone',
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: 'gone',
  PROTOCOL_ENQUEUE_AFTER_QUIT: 'gone',
  PROTOCOL_PACKETS_OUT_OF_ORDER: 'gone',
  PROTOCOL_SEQUENCE_TIMEOUT: 'gone',
  AUTH_SWITCH_PLUGIN_ERROR: 'refused',
  HANDSHAKE_NO_SSL_SUPPORT: 'refused',
  HANDSHAKE_SSL_ERROR: 'gone',
};
