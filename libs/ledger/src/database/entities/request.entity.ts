import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An accepted retrain request: what it resolved to is frozen here (rules R11). */
@Entity('factory_request')
export class RequestEntity {
  /** requestId, otherwise `<stream created>:<stream sequence>`. */
  @PrimaryColumn({ type: 'varchar', length: 191, name: 'request_key' }) requestKey: string;
  @Column({ type: 'longtext' }) payload: string;
  /** JSON list of product ids that the request covers. */
  @Column({ type: 'longtext' }) products: string;
  @Column({ type: 'varchar', length: 120, name: 'requested_by' }) requestedBy: string;
  @Column({ type: 'varchar', length: 500 }) reason: string;
  @Column({ type: 'datetime', precision: 6, name: 'created_at' }) createdAt: Date;
}

/** The run that answers a request for one product. */
@Entity('factory_request_run')
@Index('IDX_factory_request_run_run', ['runId'])
export class RequestRunEntity {
  @PrimaryColumn({ type: 'varchar', length: 191, name: 'request_key' }) requestKey: string;
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  /** `started`, or `already-running` when a run for the product was in progress. */
  @Column({ type: 'varchar', length: 20 }) answer: string;
}

/** A request that cannot be accepted while its source is unavailable. */
@Entity('factory_request_wait')
export class RequestWaitEntity {
  @PrimaryColumn({ type: 'varchar', length: 191, name: 'request_key' }) requestKey: string;
  @Column({ type: 'varchar', length: 40 }) source: string;
  @Column({ type: 'datetime', precision: 6, name: 'wait_since' }) waitSince: Date;
  /** See `StageEntity.refusedSince`. */
  @Column({ type: 'datetime', precision: 6, name: 'refused_since', nullable: true })
  refusedSince: Date | null;
  /** When it was last delivered; one that is no longer delivered was deleted from the stream. */
  @Column({ type: 'datetime', precision: 6, name: 'seen_at' }) seenAt: Date;
}
