import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Checks that a run is not stopped by, as JSON: `[{check, column, reason, by}]`. Older services start runs without, and
 * make no checks.
 */
export class RecordOverrules1796000100000 implements MigrationInterface {
  name = 'RecordOverrules1796000100000';

  async up(runner: QueryRunner): Promise<void> {
    if (!(await hasColumn(runner)))
      await runner.query('ALTER TABLE `factory_run` ADD COLUMN `overrules` longtext NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await hasColumn(runner)) await runner.query('ALTER TABLE `factory_run` DROP COLUMN `overrules`');
  }
}

async function hasColumn(runner: QueryRunner): Promise<boolean> {
  const found = (await runner.query(
    `SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = 'factory_run' AND column_name = 'overrules'`,
  )) as unknown[];
  return found.length > 0;
}
