import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a person has decided about a product's model (rules R8), and the row that such decisions are locked by. */
@Entity('factory_model_state')
export class ModelStateEntity {
  @PrimaryColumn({ type: 'varchar', length: 40 }) source: string;
  @PrimaryColumn({ type: 'bigint' }) product: string;
  @PrimaryColumn({ type: 'varchar', length: 40 }) goal: string;
  /** active, held or retired. */
  @Column({ type: 'varchar', length: 20 }) state: string;
  /** End of a hold; null: until it is released. */
  @Column({ type: 'datetime', precision: 6, name: 'held_until', nullable: true }) heldUntil: Date | null;
  @Column({ type: 'varchar', length: 500 }) reason: string;
  @Column({ type: 'varchar', length: 120, name: 'set_by' }) setBy: string;
  @Column({ type: 'datetime', precision: 6 }) since: Date;
}
