import { compileForSpecs } from '@factory/testing';
import { join } from 'node:path';

export { compileForSpecs } from '@factory/testing';

/** Compiles `trial.worker.ts`. @returns the file for a Worker */
export function compileTrialWorker(): string {
  return compileForSpecs(join(__dirname, 'trial.worker.ts'));
}
