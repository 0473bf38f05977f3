import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE IF NOT EXISTS \`factory_request_attempt\` (
    \`place\` varchar(191) NOT NULL,
    \`attempts\` int NOT NULL,
    \`error\` longtext NULL,
    \`touched_at\` datetime(6) NOT NULL,
    PRIMARY KEY (\`place\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE IF NOT EXISTS \`factory_request_left_out\` (
    \`request_key\` varchar(191) NOT NULL,
    \`position\` int NOT NULL,
    \`item\` varchar(191) NOT NULL,
    \`reason\` varchar(500) NOT NULL,
    PRIMARY KEY (\`request_key\`, \`position\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
];

/** Attempts of requests, and the items for which a request could not start a run. */
export class CountRequestAttempts1795800000000 implements MigrationInterface {
  name = 'CountRequestAttempts1795800000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(table);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS `factory_request_attempt`');
    await runner.query('DROP TABLE IF EXISTS `factory_request_left_out`');
  }
}
