import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * How often processing of a request's message was begun and not finished. Deleted when the request is accepted
 * or refused.
 */
@Entity('factory_request_attempt')
export class RequestAttemptEntity {
  /** `<stream created>:<stream sequence>`. */
  @PrimaryColumn({ type: 'varchar', length: 191 }) place: string;
  @Column({ type: 'int' }) attempts: number;
  /** JSON: code and message of the last failure. */
  @Column({ type: 'longtext', nullable: true }) error: string | null;
  @Column({ type: 'datetime', precision: 6, name: 'touched_at' }) touchedAt: Date;
}

/** An item that a request covers and that can have no run, because it has no valid product id. */
@Entity('factory_request_left_out')
export class RequestLeftOutEntity {
  @PrimaryColumn({ type: 'varchar', length: 191, name: 'request_key' }) requestKey: string;
  @PrimaryColumn({ type: 'int' }) position: number;
  /** As stored in the source. */
  @Column({ type: 'varchar', length: 191 }) item: string;
  @Column({ type: 'varchar', length: 500 }) reason: string;
}
