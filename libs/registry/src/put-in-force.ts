import type { EventBody } from '@factory/contracts';
import {
  lockModelState,
  replaceChampion,
  type ModelState,
  type NewChampion,
  type Sql,
} from '@factory/ledger';

/** The content of `model.published` for scorers. */
export type Release = Pick<EventBody<'model.published'>, 'version' | 'location' | 'manifestSha256' | 'epoch'>;

/** What became of a version that was to be put in force; but for `released`, nothing was written. */
export type Putting =
  | { readonly kind: 'released'; readonly release: Release }
  /** The champion has changed since the version was compared with it. */
  | { readonly kind: 'superseded' }
  /** A person holds the version in force, or has retired the model. */
  | { readonly kind: 'held' | 'retired'; readonly state: ModelState };

/**
 * Puts a version in force inside the caller's transaction, if the champion is still the expected one (rules R9) and
 * nobody has said that it stays (rules R8). The caller publishes its event and, after the commit, writes its pointer
 * from the returned body. Whoever holds or retires the model waits for this transaction, or this one for theirs.
 *
 * @param seenEpoch of the champion that the version was compared with; 0 = none was in force
 */
export async function putInForce(sql: Sql, next: NewChampion, seenEpoch: number): Promise<Putting> {
  const state = await lockModelState(sql, next);
  if (state) return { kind: state.state, state };
  const epoch = await replaceChampion(sql, next, seenEpoch);
  if (epoch === undefined) return { kind: 'superseded' };
  const { version, location, manifestSha256 } = next;
  return { kind: 'released', release: { version, location, manifestSha256, epoch } };
}
