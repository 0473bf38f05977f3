import { artefactField } from '@factory/contracts';
import { FactoryError, messageOf } from '@factory/domain';
import { readFindings, type StoredFinding } from '@factory/judgement';
import type { StageSummary } from '@factory/ledger';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { fieldOf, lastOutput } from './stage-output';

/** What the checks of a run's data have found (rules R16), with the stage that made them. */
export type RunFinding = StoredFinding & { readonly stage: 'data-prep' | 'sampling' | 'trainer-plan' };

/**
 * The findings of a run: those of data-prep and of the trainer's plan from the ledger, those of sampling from the store.
 *
 * @param store opened only if there is something to read
 * @param onUnreadable called with the reason if findings in the store cannot be shown
 */
export async function runFindings(
  stages: readonly StageSummary[],
  store: () => Pick<ObjectStore, 'get'>,
  onUnreadable: (why: FactoryError) => void,
): Promise<RunFinding[]> {
  const ofStage = (stage: 'data-prep' | 'trainer-plan') =>
    readFindings(fieldOf(lastOutput(stages, stage), 'findings')).map((one) => ({ ...one, stage }));
  const ofSample = await storedFindings(stages, store, onUnreadable);
  return [
    ...ofStage('data-prep'),
    ...ofSample.map((one) => ({ ...one, stage: 'sampling' as const })),
    ...ofStage('trainer-plan'),
  ];
}

async function storedFindings(
  stages: readonly StageSummary[],
  store: () => Pick<ObjectStore, 'get'>,
  onUnreadable: (why: FactoryError) => void,
): Promise<StoredFinding[]> {
  const reference = artefactField.safeParse(fieldOf(lastOutput(stages, 'sampling'), 'dataChecks'));
  if (!reference.success) return [];
  try {
    const stored = JSON.parse((await getVerified(store(), reference.data)).toString('utf8')) as unknown;
    return readFindings(fieldOf(stored, 'findings') ?? stored);
  } catch (error) {
    onUnreadable(error instanceof FactoryError ? error : unreadable(reference.data.key, error));
    return [];
  }
}

function unreadable(key: string, cause: unknown): FactoryError {
  return new FactoryError('unreadable-findings', `${key}: ${messageOf(cause)}`, false, { cause });
}
