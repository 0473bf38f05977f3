import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'agg_propensity_model_train_hyperparameter';

/** Columns that releases do not write that knew only networks. */
const ADDED = [
  { column: 'family', type: "varchar(20) NOT NULL DEFAULT 'network'" },
  { column: 'settings', type: 'longtext NULL' },
];

/** Settings of networks: null for other families. */
const OF_NETWORKS = [
  { column: 'node1', type: 'int' },
  { column: 'node2', type: 'int' },
  { column: 'dropout1', type: 'double' },
  { column: 'dropout2', type: 'double' },
  { column: 'optimizer', type: 'varchar(20)' },
  { column: 'learning_rate', type: 'double' },
  { column: 'lr_annealing', type: 'double' },
  { column: 'batch_size', type: 'int' },
  { column: 'epochs', type: 'int' },
];

/** One statement: the table may be large, and each ALTER may copy it. */
const ofNetworks = (nullable: 'NULL' | 'NOT NULL'): string =>
  `ALTER TABLE \`${TABLE}\` ${OF_NETWORKS.map(({ column, type }) => `MODIFY COLUMN \`${column}\` ${type} ${nullable}`).join(', ')}`;

/**
 * Stores a trial's family, and its settings as JSON. Existing rows keep their meaning: networks. Older services
 * continue to write and read the columns of networks in parallel with newer ones.
 */
export class NameFamiliesOfTrials1795900000000 implements MigrationInterface {
  name = 'NameFamiliesOfTrials1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const { column, type } of ADDED)
      if (!(await hasColumn(runner, column)))
        await runner.query(`ALTER TABLE \`${TABLE}\` ADD COLUMN \`${column}\` ${type}`);
    await runner.query(ofNetworks('NULL'));
  }

  /** The database refuses it while there are trials of other families: older releases cannot read them. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(ofNetworks('NOT NULL'));
    for (const { column } of ADDED)
      if (await hasColumn(runner, column))
        await runner.query(`ALTER TABLE \`${TABLE}\` DROP COLUMN \`${column}\``);
  }
}

async function hasColumn(runner: QueryRunner, column: string): Promise<boolean> {
  const found = (await runner.query(
    `SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ? AND column_name = ?`,
    [TABLE, column],
  )) as unknown[];
  return found.length > 0;
}
