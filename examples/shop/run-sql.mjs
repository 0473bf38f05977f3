// Runs the statements of a file, or of stdin, for machines without a mysql client: node run-sql.mjs
// FILE Uses the account of SOURCE_ADMIN_URL.
import { readFileSync } from 'node:fs';
import mysql from 'mysql2/promise';

const text = readFileSync(process.argv[2] ?? 0, 'utf8').replace(/^\s*--.*$/gm, '');
const connection = await mysql.createConnection({ uri: process.env.SOURCE_ADMIN_URL });
try {
  for (const statement of text.split(/;\s*$/m))
    if (statement.trim() !== '') await connection.query(statement);
} finally {
  await connection.end();
}
