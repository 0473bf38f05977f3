import { writeFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { stringify } from 'yaml';

/** @import { Sandbox } from '../../sandbox/sandbox.mjs' */

const DATABASE = 'shop_wide';
const DAYS = 90;
const ROWS_A_STATEMENT = 100_000;
/** One goal in nine visits: eight others per goal, so that every visit is drawn. */
const VISITS_PER_GOAL = 9;

/** A policy that draws everything and trains only briefly. */
const POLICY = {
  epochs: 1,
  windowThresholds: [{ days: 36_500, sales: 1_000_000_000 }],
  maxPositives: 10_000_000,
  outOfTimeMaxPositives: 10_000_000,
  outOfTimeMaxNegatives: 100_000_000,
};

/**
 * A source with one product whose dataset has the given number of rows and columns, generated in the database; its
 * numbers are meaningless. Declared in the sandbox, with its policy.
 *
 * @param {Sandbox} sandbox
 * @param {{rows: number, width: number}} size
 * @returns {Promise<string>} the source's name
 */
export async function makeWideShop(sandbox, { rows, width }) {
  const source = 'wide';
  const url = new URL(sandbox.env.SOURCE_ADMIN_URL);
  const connection = await mysql.createConnection({ uri: url.toString(), multipleStatements: true });
  const columns = Array.from({ length: width }, (_, at) => `f${String(at + 1).padStart(4, '0')}`);
  try {
    await connection.query(tables(columns));
    await connection.query('SET time_zone = "+00:00"');
    for (let from = 0; from < rows; from += ROWS_A_STATEMENT)
      await connection.query(slice(columns, from, Math.min(rows, from + ROWS_A_STATEMENT), rows));
  } finally {
    await connection.end();
  }
  url.pathname = `/${DATABASE}`;
  sandbox.declare({ connectionEnv: 'SOURCE_WIDE_URL', connectionString: url.toString() });
  writeFileSync(sandbox.sourcesFile, stringify({ sources: { [source]: entry() } }));
  const ledger = await mysql.createConnection(sandbox.env.FACTORY_DATABASE_URL);
  await ledger.query(
    'INSERT INTO factory_policy (source, product, goal, policy, updated_at) VALUES (?, 1, ?, ?, NOW(6))',
    [source, 'sale', JSON.stringify(POLICY)],
  );
  await ledger.end();
  return source;
}

/** @param {readonly string[]} columns */
function tables(columns) {
  return `
    DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}; USE ${DATABASE};
    CREATE TABLE digit (d INT PRIMARY KEY); INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
    CREATE TABLE product (product_id INT PRIMARY KEY); INSERT INTO product VALUES (1);
    CREATE TABLE visit (visit_id BIGINT PRIMARY KEY, product_id INT NOT NULL, visitor_id VARCHAR(32) NOT NULL,
      visit_time DATETIME NOT NULL, KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id BIGINT PRIMARY KEY, sale_time DATETIME NOT NULL);
    CREATE TABLE wide (visit_id BIGINT PRIMARY KEY, ${columns.map((name) => `${name} FLOAT NOT NULL`).join(', ')})`;
}

/**
 * Visits with numbers in (from, to], spread evenly over the days.
 *
 * @param {readonly string[]} columns
 * @param {number} from
 * @param {number} to
 * @param {number} rows in total
 */
function slice(columns, from, to, rows) {
  const digits = ['a', 'b', 'c', 'd', 'e'];
  const number = digits.map((name, at) => `${name}.d * ${10 ** at}`).join(' + ');
  const start = `UTC_DATE() - INTERVAL ${DAYS} DAY`;
  const second = `FLOOR((visit_id - 1) * ${DAYS * 86_400} / ${rows})`;
  const these = `FROM visit WHERE visit_id > ${from} AND visit_id <= ${to}`;
  return `
    INSERT INTO visit SELECT visit_id, 1, CONCAT('v', visit_id DIV 2), ${start} + INTERVAL ${second} SECOND
      FROM (SELECT ${from} + 1 + ${number} AS visit_id FROM ${digits.map((name) => `digit ${name}`).join(', ')}) n
      WHERE visit_id <= ${to};
    INSERT INTO sale SELECT visit_id, visit_time ${these} AND visit_id % ${VISITS_PER_GOAL} = 0;
    INSERT INTO wide SELECT visit_id, ${columns.map(() => 'RAND()').join(', ')} ${these}`;
}

/** Of the source in sources.yaml. */
function entry() {
  return {
    connectionEnv: 'SOURCE_WIDE_URL',
    products: { table: 'product', id: 'product_id' },
    visits: {
      table: 'visit',
      id: 'visit_id',
      product: 'product_id',
      visitor: 'visitor_id',
      time: 'visit_time',
    },
    defaultGoal: 'sale',
    goals: { sale: { table: 'sale', visit: 'visit_id', time: 'sale_time' } },
    features: [{ table: 'wide', key: 'visit_id', missing: 'zero', covers: 'before-visit' }],
  };
}
