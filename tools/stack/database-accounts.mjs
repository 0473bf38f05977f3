/**
 * Statements that create our databases and users. Idempotent. `factory` owns databases named `factory...` and cannot read
 * shops; `source_admin` creates and loads shops (`shop...`) and grants others the rights that a source needs. `root`
 * is for tests of outages: it makes the server read-only and changes accounts.
 *
 * @param {{root?: string, factory?: string, sourceAdmin?: string}} passwords
 * @returns {string[]} in the common subset of MySQL and MariaDB
 */
export function databaseAccounts({ root, factory, sourceAdmin }) {
  /** @param {string} name @param {string | undefined} password */
  const user = (name, password, host = '%') => [
    `CREATE USER IF NOT EXISTS '${name}'@'${host}' IDENTIFIED BY '${password}'`,
    `ALTER USER '${name}'@'${host}' IDENTIFIED BY '${password}'`,
  ];
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${root}'`,
    ...user('root', root, '127.0.0.1'),
    "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION",
    ...user('factory', factory),
    "GRANT ALL PRIVILEGES ON `factory%`.* TO 'factory'@'%'",
    ...user('source_admin', sourceAdmin),
    "GRANT ALL PRIVILEGES ON `shop%`.* TO 'source_admin'@'%' WITH GRANT OPTION",
    "GRANT CREATE USER ON *.* TO 'source_admin'@'%'",
    'CREATE DATABASE IF NOT EXISTS factory',
    'CREATE DATABASE IF NOT EXISTS shop',
  ];
}
