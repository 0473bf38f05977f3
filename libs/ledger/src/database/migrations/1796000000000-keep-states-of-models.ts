import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = `CREATE TABLE IF NOT EXISTS \`factory_model_state\` (
    \`source\` varchar(40) NOT NULL,
    \`product\` bigint NOT NULL,
    \`goal\` varchar(40) NOT NULL,
    \`state\` varchar(20) NOT NULL,
    \`held_until\` datetime(6) NULL,
    \`reason\` varchar(500) NOT NULL,
    \`set_by\` varchar(120) NOT NULL,
    \`since\` datetime(6) NOT NULL,
    PRIMARY KEY (\`source\`, \`product\`, \`goal\`)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

/** Models that a person holds or has retired. */
export class KeepStatesOfModels1796000000000 implements MigrationInterface {
  name = 'KeepStatesOfModels1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE IF EXISTS `factory_model_state`');
  }
}
