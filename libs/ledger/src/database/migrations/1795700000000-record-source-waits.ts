import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['wait_since', 'refused_since'];

const REQUEST_WAITS = `CREATE TABLE IF NOT EXISTS \`factory_request_wait\` (
    \`request_key\` varchar(191) NOT NULL,
    \`source\` varchar(40) NOT NULL,
    \`wait_since\` datetime(6) NOT NULL,
    \`refused_since\` datetime(6) NULL,
    \`seen_at\` datetime(6) NOT NULL,
    PRIMARY KEY (\`request_key\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

/**
 * Work and requests that wait for a source. Checks for the columns first: MySQL has no ADD COLUMN IF NOT
 * EXISTS.
 */
export class RecordSourceWaits1795700000000 implements MigrationInterface {
  name = 'RecordSourceWaits1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS)
      if (!(await hasColumn(runner, column)))
        await runner.query(`ALTER TABLE \`factory_stage\` ADD COLUMN \`${column}\` datetime(6) NULL`);
    await runner.query(REQUEST_WAITS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS `factory_request_wait`');
    for (const column of COLUMNS)
      if (await hasColumn(runner, column))
        await runner.query(`ALTER TABLE \`factory_stage\` DROP COLUMN \`${column}\``);
  }
}

async function hasColumn(runner: QueryRunner, column: string): Promise<boolean> {
  const found = (await runner.query(
    `SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'factory_stage' AND column_name = ?`,
    [column],
  )) as unknown[];
  return found.length > 0;
}
