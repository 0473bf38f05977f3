import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One request's way through all stages for one product and goal. */
@Entity('factory_run')
@Index('UQ_factory_run_active', ['source', 'product', 'goal', 'active'], { unique: true })
@Index('IDX_factory_run_created', ['createdAt'])
@Index('IDX_factory_run_outcome', ['outcome'])
export class RunEntity {
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  @Column({ type: 'varchar', length: 191, name: 'request_key' }) requestKey: string;
  @Column({ type: 'varchar', length: 40 }) source: string;
  @Column({ type: 'bigint' }) product: string;
  @Column({ type: 'varchar', length: 40 }) goal: string;
  /** 1 while in progress, null once finished: the unique key allows one run in progress per product. */
  @Column({ type: 'tinyint', nullable: true }) active: number | null;
  @Column({ type: 'varchar', length: 40 }) pool: string;
  /** JSON: the product's policy when the run began. */
  @Column({ type: 'longtext' }) policy: string;
  @Column({ type: 'varchar', length: 20 }) grid: string;
  @Column({ type: 'varchar', length: 64, nullable: true }) seed: string | null;
  @Column({ type: 'varchar', length: 20, name: 'until_stage', nullable: true }) untilStage: string | null;
  /** JSON: `[{check, column, reason, by}]`, checks that do not stop the run. */
  @Column({ type: 'longtext', nullable: true }) overrules: string | null;
  /** The stage that the last commit queued: where the run is now, or where it ended. */
  @Column({ type: 'varchar', length: 20 }) stage: string;
  @Column({ type: 'varchar', length: 20, nullable: true }) outcome: string | null;
  @Column({ type: 'varchar', length: 1000, nullable: true }) reason: string | null;
  @Column({ type: 'longtext', nullable: true }) error: string | null;
  /** Incremented by every resume; distinguishes the announcements of its ends. */
  @Column({ type: 'int', default: 0 }) resumes: number;
  @Column({ type: 'datetime', precision: 6, name: 'created_at' }) createdAt: Date;
  @Column({ type: 'datetime', precision: 6, name: 'finished_at', nullable: true }) finishedAt: Date | null;
}
