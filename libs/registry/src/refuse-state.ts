import { BadInputError, describeKey, type ModelKey } from '@factory/domain';
import type { ModelState } from '@factory/ledger';

/** Who did it and why; of a tombstone only the reason is known. */
type Known = Pick<ModelState, 'reason' | 'since'> & Partial<Pick<ModelState, 'by' | 'until'>>;

/** The model is retired: there is no version to score with, and none is put in force. */
export function modelRetired(key: ModelKey, state: Known): BadInputError {
  return refusal('model-retired', key, `it is retired ${told(state)}`, 'bring it back');
}

/** The version in force is held: none replaces it. */
export function modelHeld(key: ModelKey, state: Known): BadInputError {
  const until = state.until ? `until ${state.until.toISOString()} ` : '';
  return refusal('model-held', key, `its version in force is held ${until}${told(state)}`, 'end that');
}

/** @throws BadInputError `model-held`, `model-retired` */
export function refuseState(key: ModelKey, state: ModelState | undefined): void {
  if (state?.state === 'retired') throw modelRetired(key, state);
  if (state?.state === 'held') throw modelHeld(key, state);
}

function told({ reason, since, by }: Known): string {
  return `since ${since.toISOString()}${by === undefined ? '' : ` by ${by}`} (${reason})`;
}

function refusal(code: string, key: ModelKey, what: string, todo: string): BadInputError {
  const { source, product, goal } = key;
  const command = `factory release --product ${product} --source ${source} --goal ${goal} --reason WHY`;
  return new BadInputError(code, {
    field: 'product',
    value: describeKey(key),
    todo: `${todo} with \`${command}\` first: ${what}`,
  });
}
