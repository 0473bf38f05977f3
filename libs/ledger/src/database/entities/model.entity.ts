import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The champion of a source, product and goal: the authority on the version in force. */
@Entity('attrib_propensity_model')
export class ModelEntity {
  @PrimaryColumn({ type: 'varchar', length: 40 }) source: string;
  @PrimaryColumn({ type: 'bigint' }) product: string;
  @PrimaryColumn({ type: 'varchar', length: 40 }) goal: string;
  @Column({ type: 'varchar', length: 64 }) version: string;
  @Column({ type: 'varchar', length: 500 }) location: string;
  @Column({ type: 'char', length: 64, name: 'manifest_sha256' }) manifestSha256: string;
  @Column({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  /** JSON: the judging figures of the version. */
  @Column({ type: 'longtext' }) metrics: string;
  @Column({ type: 'datetime', precision: 6 }) since: Date;
  @Column({ type: 'varchar', length: 64, name: 'previous_version', nullable: true }) previousVersion:
    string | null;
  /** Incremented by every publish and rollback (rules R9). */
  @Column({ type: 'int', name: 'champion_epoch' }) championEpoch: number;
}

/** A finished run, for reports (rules R10). */
@Entity('attrib_propensity_model_run')
@Index('IDX_attrib_propensity_model_run_key', ['source', 'product', 'goal', 'finishedAt'])
export class ModelRunEntity {
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  @Column({ type: 'varchar', length: 40 }) source: string;
  @Column({ type: 'bigint' }) product: string;
  @Column({ type: 'varchar', length: 40 }) goal: string;
  @Column({ type: 'varchar', length: 20 }) outcome: string;
  @Column({ type: 'varchar', length: 1000, nullable: true }) reason: string | null;
  @Column({ type: 'longtext', name: 'train_window', nullable: true }) trainWindow: string | null;
  @Column({ type: 'longtext', nullable: true }) candidates: string | null;
  @Column({ type: 'longtext', nullable: true }) counts: string | null;
  @Column({ type: 'double', nullable: true }) f1: number | null;
  @Column({ type: 'double', nullable: true }) f0: number | null;
  @Column({ type: 'longtext', nullable: true }) winner: string | null;
  @Column({ type: 'longtext', nullable: true }) verdict: string | null;
  @Column({ type: 'varchar', length: 64, nullable: true }) version: string | null;
  @Column({ type: 'longtext' }) timings: string;
  @Column({ type: 'longtext' }) locations: string;
  @Column({ type: 'varchar', length: 40, name: 'code_version' }) codeVersion: string;
  @Column({ type: 'int', name: 'schema_version' }) schemaVersion: number;
  @Column({ type: 'datetime', precision: 6, name: 'created_at' }) createdAt: Date;
  @Column({ type: 'datetime', precision: 6, name: 'finished_at' }) finishedAt: Date;
}

/** One trial: settings and figures of rules R5. The settings of networks have columns as well as the JSON. */
@Entity('agg_propensity_model_train_hyperparameter')
@Index('IDX_agg_hyperparameter_key', ['source', 'product', 'goal'])
export class TrialEntity {
  @PrimaryColumn({ type: 'char', length: 36, name: 'run_id' }) runId: string;
  @PrimaryColumn({ type: 'int' }) trial: number;
  @Column({ type: 'varchar', length: 40 }) source: string;
  @Column({ type: 'bigint' }) product: string;
  @Column({ type: 'varchar', length: 40 }) goal: string;
  /** done, halted, diverged, failed or crashed. */
  @Column({ type: 'varchar', length: 10 }) status: string;
  /** Rows of releases that knew only networks do not have it. */
  @Column({ type: 'varchar', length: 20, default: 'network' }) family: string;
  /** JSON; null in rows of those releases. */
  @Column({ type: 'longtext', nullable: true }) settings: string | null;
  @Column({ type: 'int', nullable: true }) node1: number | null;
  @Column({ type: 'int', nullable: true }) node2: number | null;
  @Column({ type: 'double', nullable: true }) dropout1: number | null;
  @Column({ type: 'double', nullable: true }) dropout2: number | null;
  @Column({ type: 'varchar', length: 20, nullable: true }) optimizer: string | null;
  @Column({ type: 'double', name: 'learning_rate', nullable: true }) learningRate: number | null;
  @Column({ type: 'double', name: 'lr_annealing', nullable: true }) lrAnnealing: number | null;
  @Column({ type: 'int', name: 'batch_size', nullable: true }) batchSize: number | null;
  @Column({ type: 'int', nullable: true }) epochs: number | null;
  @Column({ type: 'int', name: 'epochs_run', nullable: true }) epochsRun: number | null;
  @Column({ type: 'int', name: 'rate_drops', nullable: true }) rateDrops: number | null;
  @Column({ type: 'double', name: 'train_loss', nullable: true }) trainLoss: number | null;
  @Column({ type: 'double', name: 'train_accuracy', nullable: true }) trainAccuracy: number | null;
  @Column({ type: 'double', name: 'validation_loss', nullable: true }) validationLoss: number | null;
  @Column({ type: 'double', name: 'validation_accuracy', nullable: true }) validationAccuracy: number | null;
  @Column({ type: 'double', name: 'test_loss', nullable: true }) testLoss: number | null;
  @Column({ type: 'double', name: 'test_accuracy', nullable: true }) testAccuracy: number | null;
  @Column({ type: 'double', name: 'test_precision', nullable: true }) testPrecision: number | null;
  @Column({ type: 'double', name: 'test_recall', nullable: true }) testRecall: number | null;
  @Column({ type: 'double', name: 'natural_validation_log_loss', nullable: true }) naturalValidationLogLoss:
    number | null;
  @Column({ type: 'double', name: 'natural_test_log_loss', nullable: true }) naturalTestLogLoss:
    number | null;
  @Column({ type: 'double', name: 'roc_auc', nullable: true }) rocAuc: number | null;
  @Column({ type: 'double', name: 'pr_auc', nullable: true }) prAuc: number | null;
  @Column({ type: 'int', nullable: true }) parameters: number | null;
  @Column({ type: 'double', nullable: true }) seconds: number | null;
  @Column({ type: 'double', name: 'rows_per_second', nullable: true }) rowsPerSecond: number | null;
  @Column({ type: 'varchar', length: 40, nullable: true }) engine: string | null;
  @Column({ type: 'varchar', length: 1000, nullable: true }) error: string | null;
  /** Start of the training rows, if not the window's. */
  @Column({ type: 'datetime', precision: 6, name: 'train_from', nullable: true }) trainFrom: Date | null;
}
