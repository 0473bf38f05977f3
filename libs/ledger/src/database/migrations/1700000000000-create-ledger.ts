import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Binary collation: names and keys are compared as bytes. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS \`factory_event\` (
    \`run_id\` char(36) NOT NULL,
    \`event\` varchar(20) NOT NULL,
    \`shard\` varchar(40) NOT NULL,
    \`generation\` int NOT NULL DEFAULT '0',
    \`subject\` varchar(191) NOT NULL,
    \`body\` longtext NOT NULL,
    \`consumer\` varchar(80) NULL,
    \`stage\` varchar(20) NULL,
    \`stream_sequence\` bigint NULL,
    \`stream_created\` varchar(40) NULL,
    \`touched_at\` datetime(6) NOT NULL,
    INDEX \`IDX_factory_event_unpublished\` (\`stream_sequence\`, \`touched_at\`),
    PRIMARY KEY (\`run_id\`, \`event\`, \`shard\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_policy\` (
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`policy\` longtext NOT NULL,
    \`updated_at\` datetime(6) NOT NULL,
    PRIMARY KEY (\`source\`, \`product\`, \`goal\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_audit\` (
    \`id\` bigint NOT NULL AUTO_INCREMENT,
    \`at\` datetime(6) NOT NULL,
    \`who\` varchar(120) NOT NULL,
    \`action\` varchar(40) NOT NULL,
    \`subject\` varchar(191) NOT NULL,
    \`reason\` varchar(500) NOT NULL,
    \`details\` longtext NOT NULL,
    INDEX \`IDX_factory_audit_at\` (\`at\`),
    PRIMARY KEY (\`id\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`attrib_propensity_model\` (
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`version\` varchar(64) NOT NULL,
    \`location\` varchar(500) NOT NULL,
    \`manifest_sha256\` char(64) NOT NULL,
    \`run_id\` char(36) NOT NULL,
    \`metrics\` longtext NOT NULL,
    \`since\` datetime(6) NOT NULL,
    \`previous_version\` varchar(64) NULL,
    \`champion_epoch\` int NOT NULL,
    PRIMARY KEY (\`source\`, \`product\`, \`goal\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`attrib_propensity_model_run\` (
    \`run_id\` char(36) NOT NULL,
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`outcome\` varchar(20) NOT NULL,
    \`reason\` varchar(1000) NULL,
    \`train_window\` longtext NULL,
    \`candidates\` longtext NULL,
    \`counts\` longtext NULL,
    \`f1\` double NULL,
    \`f0\` double NULL,
    \`winner\` longtext NULL,
    \`verdict\` longtext NULL,
    \`version\` varchar(64) NULL,
    \`timings\` longtext NOT NULL,
    \`locations\` longtext NOT NULL,
    \`code_version\` varchar(40) NOT NULL,
    \`schema_version\` int NOT NULL,
    \`created_at\` datetime(6) NOT NULL,
    \`finished_at\` datetime(6) NOT NULL,
    INDEX \`IDX_attrib_propensity_model_run_key\` (\`source\`, \`product\`, \`goal\`, \`finished_at\`),
    PRIMARY KEY (\`run_id\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`agg_propensity_model_train_hyperparameter\` (
    \`run_id\` char(36) NOT NULL,
    \`trial\` int NOT NULL,
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`status\` varchar(10) NOT NULL,
    \`node1\` int NOT NULL,
    \`node2\` int NOT NULL,
    \`dropout1\` double NOT NULL,
    \`dropout2\` double NOT NULL,
    \`optimizer\` varchar(20) NOT NULL,
    \`learning_rate\` double NOT NULL,
    \`lr_annealing\` double NOT NULL,
    \`batch_size\` int NOT NULL,
    \`epochs\` int NOT NULL,
    \`epochs_run\` int NULL,
    \`rate_drops\` int NULL,
    \`train_loss\` double NULL,
    \`train_accuracy\` double NULL,
    \`validation_loss\` double NULL,
    \`validation_accuracy\` double NULL,
    \`test_loss\` double NULL,
    \`test_accuracy\` double NULL,
    \`test_precision\` double NULL,
    \`test_recall\` double NULL,
    \`natural_validation_log_loss\` double NULL,
    \`natural_test_log_loss\` double NULL,
    \`roc_auc\` double NULL,
    \`pr_auc\` double NULL,
    \`parameters\` int NULL,
    \`seconds\` double NULL,
    \`rows_per_second\` double NULL,
    \`engine\` varchar(40) NULL,
    \`error\` varchar(1000) NULL,
    INDEX \`IDX_agg_hyperparameter_key\` (\`source\`, \`product\`, \`goal\`),
    PRIMARY KEY (\`run_id\`, \`trial\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_request\` (
    \`request_key\` varchar(191) NOT NULL,
    \`payload\` longtext NOT NULL,
    \`products\` longtext NOT NULL,
    \`requested_by\` varchar(120) NOT NULL,
    \`reason\` varchar(500) NOT NULL,
    \`created_at\` datetime(6) NOT NULL,
    PRIMARY KEY (\`request_key\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_request_run\` (
    \`request_key\` varchar(191) NOT NULL,
    \`run_id\` char(36) NOT NULL,
    \`answer\` varchar(20) NOT NULL,
    INDEX \`IDX_factory_request_run_run\` (\`run_id\`),
    PRIMARY KEY (\`request_key\`, \`run_id\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_run\` (
    \`run_id\` char(36) NOT NULL,
    \`request_key\` varchar(191) NOT NULL,
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`active\` tinyint NULL,
    \`pool\` varchar(40) NOT NULL,
    \`policy\` longtext NOT NULL,
    \`grid\` varchar(20) NOT NULL,
    \`seed\` varchar(64) NULL,
    \`until_stage\` varchar(20) NULL,
    \`stage\` varchar(20) NOT NULL,
    \`outcome\` varchar(20) NULL,
    \`reason\` varchar(1000) NULL,
    \`error\` longtext NULL,
    \`resumes\` int NOT NULL DEFAULT '0',
    \`created_at\` datetime(6) NOT NULL,
    \`finished_at\` datetime(6) NULL,
    INDEX \`IDX_factory_run_outcome\` (\`outcome\`),
    INDEX \`IDX_factory_run_created\` (\`created_at\`),
    UNIQUE INDEX \`UQ_factory_run_active\` (\`source\`, \`product\`, \`goal\`, \`active\`),
    PRIMARY KEY (\`run_id\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_stage\` (
    \`run_id\` char(36) NOT NULL,
    \`stage\` varchar(20) NOT NULL,
    \`shard\` varchar(40) NOT NULL,
    \`status\` varchar(10) NOT NULL,
    \`attempt\` int NOT NULL DEFAULT '0',
    \`token\` int NOT NULL DEFAULT '0',
    \`lease_owner\` varchar(120) NULL,
    \`lease_expires_at\` datetime(6) NULL,
    \`lease_renewed_at\` datetime(6) NULL,
    \`input\` longtext NOT NULL,
    \`output\` longtext NULL,
    \`error\` longtext NULL,
    \`note\` longtext NULL,
    \`queued_at\` datetime(6) NOT NULL,
    \`claimed_at\` datetime(6) NULL,
    \`start_delay_ms\` double NULL,
    \`settled_at\` datetime(6) NULL,
    \`claimed_seconds\` double NOT NULL DEFAULT '0',
    INDEX \`IDX_factory_stage_status\` (\`status\`, \`lease_expires_at\`),
    PRIMARY KEY (\`run_id\`, \`stage\`, \`shard\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
];

/** Each statement can be repeated: a process that dies in between leaves nothing that blocks the next one. */
export class CreateLedger1700000000000 implements MigrationInterface {
  name = 'CreateLedger1700000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE IF EXISTS ${/`\w+`/.exec(table)?.[0]}`);
  }
}
