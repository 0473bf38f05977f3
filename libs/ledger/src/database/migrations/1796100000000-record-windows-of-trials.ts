import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'agg_propensity_model_train_hyperparameter';

/**
 * First instant of the training rows of a trial that was trained on a part of its run's window (rules R1); null: on all
 * of it. Older services write null, and train no such trials.
 */
export class RecordWindowsOfTrials1796100000000 implements MigrationInterface {
  name = 'RecordWindowsOfTrials1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    if (!(await hasColumn(runner)))
      await runner.query(`ALTER TABLE \`${TABLE}\` ADD COLUMN \`train_from\` datetime(6) NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    if (await hasColumn(runner)) await runner.query(`ALTER TABLE \`${TABLE}\` DROP COLUMN \`train_from\``);
  }
}

async function hasColumn(runner: QueryRunner): Promise<boolean> {
  const found = (await runner.query(
    `SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = 'train_from'`,
    [TABLE],
  )) as unknown[];
  return found.length > 0;
}
