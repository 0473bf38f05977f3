import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One unit of work: a stage of a run, or one of its shards (a trial group). */
@Entity('factory_stage')
@Index('IDX_factory_stage_status', ['status', 'leaseExpiresAt'])
export class StageEntity {
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  @PrimaryColumn({ type: 'varchar', length: 20 }) stage: string;
  @PrimaryColumn({ type: 'varchar', length: 40 }) shard: string;
  /** planned (no event yet), queued, leased, done, failed. */
  @Column({ type: 'varchar', length: 10 }) status: string;
  /** Claims that ended by error or expiry. */
  @Column({ type: 'int', default: 0 }) attempt: number;
  /** Incremented by every claim: the fencing token against late results. */
  @Column({ type: 'int', default: 0 }) token: number;
  @Column({ type: 'varchar', length: 120, name: 'lease_owner', nullable: true }) leaseOwner: string | null;
  @Column({ type: 'datetime', precision: 6, name: 'lease_expires_at', nullable: true })
  leaseExpiresAt: Date | null;
  @Column({ type: 'datetime', precision: 6, name: 'lease_renewed_at', nullable: true })
  leaseRenewedAt: Date | null;
  /** JSON: the message body that triggers this work. */
  @Column({ type: 'longtext' }) input: string;
  @Column({ type: 'longtext', nullable: true }) output: string | null;
  @Column({ type: 'longtext', nullable: true }) error: string | null;
  /** JSON: the worker's notes on its progress, for the worker that takes over after a crash. */
  @Column({ type: 'longtext', nullable: true }) note: string | null;
  @Column({ type: 'datetime', precision: 6, name: 'queued_at' }) queuedAt: Date;
  @Column({ type: 'datetime', precision: 6, name: 'claimed_at', nullable: true }) claimedAt: Date | null;
  /** Milliseconds from the claim to the start of the stage's own work. */
  @Column({ type: 'double', name: 'start_delay_ms', nullable: true }) startDelayMs: number | null;
  @Column({ type: 'datetime', precision: 6, name: 'settled_at', nullable: true }) settledAt: Date | null;
  /** Seconds under a live lease: they count towards deadlines. */
  @Column({ type: 'double', name: 'claimed_seconds', default: 0 }) claimedSeconds: number;
  /** Since when it waits for its unavailable source; null once it was claimed. */
  @Column({ type: 'datetime', precision: 6, name: 'wait_since', nullable: true }) waitSince: Date | null;
  /** Since when its source has refused the account without interruption (being unreachable is one). */
  @Column({ type: 'datetime', precision: 6, name: 'refused_since', nullable: true })
  refusedSince: Date | null;
}
