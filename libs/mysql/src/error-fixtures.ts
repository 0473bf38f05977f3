import type { ErrorKind } from './error-kinds';

/** An error as a server sends it: number and text. `kind` undefined: it says nothing about the server. */
export interface ErrorFixture {
  readonly errno: number;
  readonly message: string;
  readonly kind: ErrorKind | undefined;
}

/** Texts of MySQL 8.4 and MariaDB 10.11. */
export const SERVER_ERRORS: readonly ErrorFixture[] = [
  { errno: 1042, message: "Can't get hostname for your address", kind: 'gone' },
  { errno: 1043, message: 'Bad handshake', kind: 'gone' },
  {
    errno: 1152,
    message: "Aborted connection 7 to db: 'f' user: 'f' (Got timeout reading communication packets)",
    kind: 'gone',
  },
  { errno: 1156, message: 'Got packets out of order', kind: 'gone' },
  { errno: 1157, message: "Couldn't uncompress communication packet", kind: 'gone' },
  { errno: 1158, message: 'Got an error reading communication packets', kind: 'gone' },
  { errno: 1159, message: 'Got timeout reading communication packets', kind: 'gone' },
  { errno: 1160, message: 'Got an error writing communication packets', kind: 'gone' },
  { errno: 1161, message: 'Got timeout writing communication packets', kind: 'gone' },
  {
    errno: 1184,
    message: "Aborted connection 7 to db: 'unconnected' user: 'f' host: 'h' (init_connect command failed)",
    kind: 'gone',
  },
  { errno: 1927, message: 'Connection was killed', kind: 'gone' },
  {
    errno: 2002,
    message: "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)",
    kind: 'gone',
  },
  { errno: 2003, message: "Can't connect to MySQL server on 'db' (111)", kind: 'gone' },
  { errno: 2005, message: "Unknown MySQL server host 'db' (-2)", kind: 'gone' },
  { errno: 2006, message: 'MySQL server has gone away', kind: 'gone' },
  { errno: 2013, message: 'Lost connection to MySQL server during query', kind: 'gone' },
  {
    errno: 2055,
    message: "Lost connection to MySQL server at 'reading authorization packet', system error: 104",
    kind: 'gone',
  },
  { errno: 3169, message: 'Session was killed.', kind: 'gone' },
  {
    errno: 4031,
    message:
      'The client was disconnected by the server because of inactivity. See wait_timeout and interactive_timeout for configuring this behavior.',
    kind: 'gone',
  },

  {
    errno: 1047,
    message: 'WSREP has not yet prepared node for application use',
    kind: 'shutting-down',
  },
  { errno: 1047, message: 'Unknown command', kind: undefined },
  { errno: 1053, message: 'Server shutdown in progress', kind: 'shutting-down' },
  { errno: 1077, message: 'mariadbd (initiated by: root): Normal shutdown', kind: 'shutting-down' },
  { errno: 1079, message: 'mariadbd: Shutdown complete', kind: 'shutting-down' },
  { errno: 3032, message: 'The server is currently in offline mode', kind: 'shutting-down' },
  {
    errno: 3100,
    message: "Error on observer while running replication hook 'before_commit'.",
    kind: 'shutting-down',
  },

  { errno: 1040, message: 'Too many connections', kind: 'too-many' },
  {
    errno: 1203,
    message: "User factory already has more than 'max_user_connections' active connections",
    kind: 'too-many',
  },
  {
    errno: 1226,
    message: "User 'factory' has exceeded the 'max_user_connections' resource (current value: 2)",
    kind: 'too-many',
  },
  {
    errno: 1226,
    message: "User 'factory' has exceeded the 'max_queries_per_hour' resource (current value: 9)",
    kind: 'too-many',
  },
  {
    errno: 1461,
    message: "Can't create more than max_prepared_stmt_count statements (current value: 16382)",
    kind: 'too-many',
  },

  { errno: 1036, message: "Table 'factory_run' is read only", kind: 'read-only' },
  {
    errno: 1290,
    message: 'The MariaDB server is running with the --read-only option so it cannot execute this statement',
    kind: 'read-only',
  },
  {
    errno: 1290,
    message:
      'The MySQL server is running with the --super-read-only option so it cannot execute this statement',
    kind: 'read-only',
  },
  {
    errno: 1290,
    message:
      'Der MySQL-Server läuft mit der Option --read-only und kann diese Anweisung deshalb nicht ausführen',
    kind: 'read-only',
  },
  {
    errno: 1290,
    message:
      'The MariaDB server is running with the --skip-grant-tables option so it cannot execute this statement',
    kind: undefined,
  },
  { errno: 1792, message: 'Cannot execute statement in a READ ONLY transaction.', kind: 'read-only' },
  { errno: 1836, message: 'Running in read-only mode', kind: 'read-only' },
  { errno: 1874, message: 'InnoDB is in read only mode.', kind: 'read-only' },

  {
    errno: 1045,
    message: "Access denied for user 'factory'@'10.1.2.3' (using password: YES)",
    kind: 'refused',
  },
  {
    errno: 1129,
    message:
      "Host '10.1.2.3' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'",
    kind: 'refused',
  },
  {
    errno: 1130,
    message: "Host '10.1.2.3' is not allowed to connect to this MariaDB server",
    kind: 'refused',
  },
  {
    errno: 1251,
    message: 'Client does not support authentication protocol requested by server',
    kind: 'refused',
  },
  { errno: 1524, message: "Plugin 'mysql_native_password' is not loaded", kind: 'refused' },
  { errno: 1698, message: "Access denied for user 'root'@'localhost'", kind: 'refused' },
  {
    errno: 1820,
    message: 'You must reset your password using ALTER USER statement before executing this statement.',
    kind: 'refused',
  },
  {
    errno: 1862,
    message: 'Your password has expired. To log in you must change it using a client that supports that.',
    kind: 'refused',
  },
  {
    errno: 1873,
    message: "Access denied trying to change to user 'f'@'%' (using password: YES). Disconnecting.",
    kind: 'refused',
  },
  {
    errno: 3118,
    message: "Access denied for user 'factory'@'%'. Account is locked.",
    kind: 'refused',
  },
  {
    errno: 3159,
    message: 'Connections using insecure transport are prohibited while --require_secure_transport=ON.',
    kind: 'insecure',
  },
  {
    errno: 3955,
    message:
      "Access denied for user 'f'@'h'. Account is blocked for 2 day(s) (2 day(s) remaining) due to 3 consecutive failed logins.",
    kind: 'refused',
  },
  {
    errno: 4150,
    message: "User is blocked because of too many credential errors; unblock with 'FLUSH PRIVILEGES'",
    kind: 'refused',
  },
  { errno: 4151, message: 'Access denied, this account is locked', kind: 'refused' },

  {
    errno: 1044,
    message: "Access denied for user 'factory'@'%' to database 'factory'",
    kind: 'not-granted',
  },
  {
    errno: 1142,
    message: "UPDATE command denied to user 'factory'@'h' for table 'factory_stage'",
    kind: 'not-granted',
  },
  {
    errno: 1143,
    message: "SELECT command denied to user 'f'@'h' for column 'seen' in table 'visit'",
    kind: 'not-granted',
  },
  {
    errno: 1227,
    message: 'Access denied; you need (at least one of) the SUPER privilege(s) for this operation',
    kind: 'not-granted',
  },
  {
    errno: 1370,
    message: "execute command denied to user 'f'@'%' for routine 'shop.week_of'",
    kind: 'not-granted',
  },

  { errno: 1049, message: "Unknown database 'factory'", kind: 'missing' },

  {
    errno: 3,
    message: `Error writing file '/tmp/MLfd=42' (Errcode: 28 "No space left on device")`,
    kind: 'full',
  },
  {
    errno: 3,
    message: `Error writing file '/tmp/MLfd=42' (Errcode: 5 "Input/output error")`,
    kind: undefined,
  },
  {
    errno: 20,
    message: "Disk is full writing './factory/x.MAI' (Errcode: 28). Waiting for someone to free space...",
    kind: 'full',
  },
  {
    errno: 1021,
    message: 'Disk full (/tmp/#sql_1.MAI); waiting for someone to free some space... (errno: 28)',
    kind: 'full',
  },
  {
    errno: 1026,
    message: `Error writing file 'binlog' (errno: 28 "No space left on device")`,
    kind: 'full',
  },
  { errno: 1030, message: 'Got error 28 from storage engine', kind: 'full' },
  {
    errno: 1030,
    message: `Got error 28 "No space left on device" from storage engine InnoDB`,
    kind: 'full',
  },
  { errno: 1030, message: 'Got error 168 - Unknown (generic) error from engine', kind: undefined },
  {
    errno: 1037,
    message: 'Out of memory; restart server and try again (needed 65536 bytes)',
    kind: 'full',
  },
  { errno: 1041, message: 'Out of memory.', kind: 'full' },
  { errno: 1114, message: "The table '/tmp/#sql_7_1' is full", kind: 'full' },
  {
    errno: 1135,
    message: `Can't create a new thread (errno 11 "Resource temporarily unavailable")`,
    kind: 'full',
  },

  { errno: 1020, message: "Record has changed since last read in table 'factory_run'", kind: 'lock' },
  {
    errno: 1180,
    message: 'Got error 149 "Lock deadlock; Retry transaction" during COMMIT',
    kind: 'lock',
  },
  { errno: 1180, message: 'Got error 28 "No space left on device" during COMMIT', kind: 'full' },
  { errno: 1180, message: 'Got error 5 "Input/output error" during COMMIT', kind: undefined },
  {
    errno: 1205,
    message: 'Lock wait timeout exceeded; try restarting transaction',
    kind: 'lock',
  },
  {
    errno: 1213,
    message: 'Deadlock found when trying to get lock; try restarting transaction',
    kind: 'lock',
  },
  {
    errno: 1614,
    message: 'XA_RBDEADLOCK: Transaction branch was rolled back: deadlock was detected',
    kind: 'lock',
  },
  { errno: 1689, message: 'Wait on a lock was aborted due to a pending exclusive lock', kind: 'lock' },
  {
    errno: 3058,
    message: 'Deadlock found when trying to get user-level lock; try rolling back transaction',
    kind: 'lock',
  },
  {
    errno: 3101,
    message: 'Plugin instructed the server to rollback the current transaction.',
    kind: 'lock',
  },
  {
    errno: 3572,
    message: 'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.',
    kind: 'lock',
  },

  { errno: 1317, message: 'Query execution was interrupted', kind: 'killed' },

  {
    errno: 1969,
    message: 'Query execution was interrupted (max_statement_time exceeded)',
    kind: 'timeout',
  },
  {
    errno: 3024,
    message: 'Query execution was interrupted, maximum statement execution time exceeded',
    kind: 'timeout',
  },

  // Not about the server: what these say is as true next time.
  { errno: 1054, message: "Unknown column 'x' in 'SELECT'", kind: undefined },
  { errno: 1062, message: "Duplicate entry '1' for key 'PRIMARY'", kind: undefined },
  {
    errno: 1064,
    message: 'You have an error in your SQL syntax; check the manual',
    kind: undefined,
  },
  { errno: 1146, message: "Table 'factory.factory_run' doesn't exist", kind: 'no-table' },
  { errno: 1153, message: "Got a packet bigger than 'max_allowed_packet' bytes", kind: undefined },
  { errno: 1292, message: "Truncated incorrect DOUBLE value: 'Connection refused'", kind: undefined },
  { errno: 1406, message: "Data too long for column 'source' at row 1", kind: undefined },
  {
    errno: 1452,
    message: 'Cannot add or update a child row: a foreign key constraint fails',
    kind: undefined,
  },
];
