import type { EventBody } from '@factory/contracts';
import { replaceChampion, type NewChampion, type Sql } from '@factory/ledger';

/** The content of `model.published` for scorers. */
export type Release = Pick<EventBody<'model.published'>, 'version' | 'location' | 'manifestSha256' | 'epoch'>;

/**
 * Puts a version in force inside the caller's transaction, if the champion is still the expected one (rules
 * R9). The caller publishes its event and, after the commit, writes its pointer from the returned body.
 *
 * @param seenEpoch of the champion that the version was compared with; 0 = none was in force
 * @returns the body of `model.published`; undefined if the champion has changed since: nothing was written
 */
export async function putInForce(
  sql: Sql,
  next: NewChampion,
  seenEpoch: number,
): Promise<Release | undefined> {
  const epoch = await replaceChampion(sql, next, seenEpoch);
  if (epoch === undefined) return undefined;
  const { version, location, manifestSha256 } = next;
  return { version, location, manifestSha256, epoch };
}
