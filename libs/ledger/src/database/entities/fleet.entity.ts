import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** A product's deviations from the default policy. */
@Entity('factory_policy')
export class PolicyEntity {
  @PrimaryColumn({ type: 'varchar', length: 40 }) source: string;
  @PrimaryColumn({ type: 'bigint' }) product: string;
  @PrimaryColumn({ type: 'varchar', length: 40 }) goal: string;
  /** JSON: only the fields that were set. */
  @Column({ type: 'longtext' }) policy: string;
  @Column({ type: 'datetime', precision: 6, name: 'updated_at' }) updatedAt: Date;
}

/** Who changed what, and why. */
@Entity('factory_audit')
@Index('IDX_factory_audit_at', ['at'])
export class AuditEntity {
  @PrimaryGeneratedColumn({ type: 'bigint' }) id: string;
  @Column({ type: 'datetime', precision: 6 }) at: Date;
  @Column({ type: 'varchar', length: 120 }) who: string;
  @Column({ type: 'varchar', length: 40 }) action: string;
  @Column({ type: 'varchar', length: 191 }) subject: string;
  @Column({ type: 'varchar', length: 500 }) reason: string;
  @Column({ type: 'longtext' }) details: string;
}
