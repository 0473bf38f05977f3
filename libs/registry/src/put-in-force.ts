import type { EventBody } from '@factory/contracts';
import { replaceChampion, type NewChampion, type Sql } from '@factory/ledger';

/** What `model.published` tells whoever scores. */
export type Release = Pick<EventBody<'model.published'>, 'version' | 'location' | 'manifestSha256' | 'epoch'>;

/**
 * Puts a version in force inside the caller's transaction, if the champion is still the one that was seen
 * (rules R9). Its event, and after the commit its pointer, follow from what is returned.
 *
 * @param seenEpoch of the champion that the version was compared with; 0 = none was in force
 * @returns the body of `model.published`; undefined when the champion has changed since: nothing was written
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
