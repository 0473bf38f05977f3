import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'agg_propensity_model_train_hyperparameter';

/** What a row of a release that knew networks alone leaves out. */
const ADDED = [
  { column: 'family', type: "varchar(20) NOT NULL DEFAULT 'network'" },
  { column: 'settings', type: 'longtext NULL' },
];

/** Settings of networks: other families have none of them. */
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

/** One statement: the table may be large, and each may copy it. */
const ofNetworks = (nullable: 'NULL' | 'NOT NULL'): string =>
  `ALTER TABLE \`${TABLE}\` ${OF_NETWORKS.map(({ column, type }) => `MODIFY COLUMN \`${column}\` ${type} ${nullable}`).join(', ')}`;

/**
 * A trial names its family and has its settings as JSON. What is there means what it meant: a network. Older services
 * go on writing and reading the columns of networks beside newer ones.
 */
export class NameFamiliesOfTrials1795900000000 implements MigrationInterface {
  name = 'NameFamiliesOfTrials1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const { column, type } of ADDED)
      if (!(await hasColumn(runner, column)))
        await runner.query(`ALTER TABLE \`${TABLE}\` ADD COLUMN \`${column}\` ${type}`);
    await runner.query(ofNetworks('NULL'));
  }

  /** Refused by the database while there are trials that are no networks: older releases cannot read them. */
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
