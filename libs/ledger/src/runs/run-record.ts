import type { ArtefactRef, DrawnCounts, WindowMessage } from '@factory/contracts';
import { FactoryError, trialIn, type Trial } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { fromJson, sqlOf } from '../database/transaction';
import type { WorkId } from '../stages/stage-claims';
import { findTrial } from '../trials/trials';

/** The outputs of the stages before evaluation. */
export interface EvaluationRecord {
  readonly window: WindowMessage;
  readonly dataset: ArtefactRef;
  readonly samplingLedger: ArtefactRef;
  readonly counts: DrawnCounts;
  readonly transform: ArtefactRef;
  /** Absent: the stage was done by a release that does not write it. */
  readonly profile?: ArtefactRef | undefined;
  readonly dataChecks?: ArtefactRef | undefined;
  /** Findings of data-prep, see `readFindings` of `@factory/judgement`. */
  readonly dayFindings?: unknown;
  /** Findings of the trainer's plan. */
  readonly tableFindings?: unknown;
  /** The logistic regression fitted as a baseline (rules R7). Absent also where it could not be fitted. */
  readonly logistic?: ArtefactRef | undefined;
}

/** Reads what earlier stages of a run committed: the only place where later stages get references from. */
export class RunRecord {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws FactoryError `stage-output-missing` */
  async forEvaluation(run: string): Promise<EvaluationRecord> {
    const rows = await sqlOf(this.dataSource).rows(
      `SELECT stage, output FROM factory_stage
        WHERE run_id = ? AND status = 'done' AND stage IN ('data-prep', 'sampling', 'trainer-plan')`,
      [run],
    );
    const outputOf = <T>(stage: string): T => {
      const output = fromJson<T>(rows.find((row) => row['stage'] === stage)?.['output']);
      if (output) return output;
      throw new FactoryError(
        'stage-output-missing',
        `run ${run} has no output of ${stage}: start a new run`,
        false,
      );
    };
    const { window, findings: dayFindings } = outputOf<{ window: WindowMessage; findings?: unknown }>(
      'data-prep',
    );
    const { dataset, ledger, counts, profile, dataChecks } = outputOf<{
      dataset: ArtefactRef;
      ledger: ArtefactRef;
      counts: DrawnCounts;
      profile?: ArtefactRef;
      dataChecks?: ArtefactRef;
    }>('sampling');
    const planned = outputOf<{ transform: ArtefactRef; logistic?: ArtefactRef; findings?: unknown }>(
      'trainer-plan',
    );
    const { transform, logistic, findings: tableFindings } = planned;
    const ofSampling = { dataset, samplingLedger: ledger, counts, profile, dataChecks };
    return { window, dayFindings, ...ofSampling, tableFindings, transform, logistic };
  }

  /** Body of `model.trained` as stored by the last trial group. @throws FactoryError `stage-output-missing` */
  async gathered(run: string): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await sqlOf(this.dataSource).rows(
      "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'gather' AND status = 'done'",
      [run],
    );
    const output = fromJson<Record<string, unknown>>(row?.['output']);
    if (output) return output;
    throw new FactoryError(
      'stage-output-missing',
      `run ${run} has no gathered trials: start a new run`,
      false,
    );
  }

  /** The output of a unit of work; empty while it is not done. */
  async output({ run, stage, shard }: WorkId): Promise<Readonly<Record<string, unknown>>> {
    const [row] = await sqlOf(this.dataSource).rows(
      "SELECT output FROM factory_stage WHERE run_id = ? AND stage = ? AND shard = ? AND status = 'done'",
      [run, stage, shard],
    );
    return fromJson<Record<string, unknown>>(row?.['output']) ?? {};
  }

  /** Whether a run has put this version in force, now or earlier. */
  async hasPublished(run: string, version: string): Promise<boolean> {
    const found = await sqlOf(this.dataSource).rows(
      'SELECT 1 FROM attrib_propensity_model_run WHERE run_id = ? AND version = ?',
      [run, version],
    );
    return found.length > 0;
  }

  /** A trial with its settings. @throws FactoryError `stage-output-missing`; NewerVersionError */
  async trial(run: string, number: number): Promise<Trial> {
    const found = await findTrial(sqlOf(this.dataSource), run, number);
    if (found) return trialIn(found);
    throw new FactoryError(
      'stage-output-missing',
      `run ${run} has no trial ${number}: start a new run`,
      false,
    );
  }
}
