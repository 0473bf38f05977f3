import { RunSkippedError, describeKey, type ModelKey } from '@factory/domain';
import type { ModelState } from '@factory/ledger';

/** A retired product gets no model: its runs end `skipped`. */
export function retiredError(key: ModelKey, { by, since, reason }: ModelState): RunSkippedError {
  const { source, product, goal } = key;
  return new RunSkippedError(
    'retired',
    `${describeKey(key)} is retired by ${by} since ${since.toISOString()} (${reason}): bring it back with ` +
      `\`factory release --product ${product} --source ${source} --goal ${goal} --reason WHY\`, then request again`,
  );
}
