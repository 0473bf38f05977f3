import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An event that a commit decided on, and its position in the stream once published. */
@Entity('factory_event')
@Index('IDX_factory_event_unpublished', ['streamSequence', 'touchedAt'])
export class EventEntity {
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  @PrimaryColumn({ type: 'varchar', length: 20 }) event: string;
  @PrimaryColumn({ type: 'varchar', length: 40 }) shard: string;
  /** Incremented when the event is deliberately published again; part of the message id. */
  @Column({ type: 'int', default: 0 }) generation: number;
  @Column({ type: 'varchar', length: 191 }) subject: string;
  @Column({ type: 'longtext' }) body: string;
  /** The durable consumer and the stage that process it; null for announcements. */
  @Column({ type: 'varchar', length: 80, nullable: true }) consumer: string | null;
  @Column({ type: 'varchar', length: 20, nullable: true }) stage: string | null;
  @Column({ type: 'bigint', name: 'stream_sequence', nullable: true }) streamSequence: string | null;
  /** When the stream was created, as reported by the broker: sequences restart in a new stream. */
  @Column({ type: 'varchar', length: 40, name: 'stream_created', nullable: true }) streamCreated:
    string | null;
  /** When it was written or last published. */
  @Column({ type: 'datetime', precision: 6, name: 'touched_at' }) touchedAt: Date;
}
