import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLedger1700000000000 implements MigrationInterface {
  name = 'CreateLedger1700000000000';
  async up(_runner: QueryRunner): Promise<void> {}
  async down(_runner: QueryRunner): Promise<void> {}
}
