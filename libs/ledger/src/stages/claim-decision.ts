/** Claims that may end by error or expiry before the run is given up (rules R13). */
export const MAX_ATTEMPTS = 5;
/** Seconds that a claim lives without renewal. */
export const LEASE_SECONDS = 30;

/** What can be claimed; of a status that is not known only its own release can say what it means. */
const OPEN: ReadonlySet<string> = new Set(['planned', 'queued', 'leased']);

/** The stage row and its run as read under lock. */
export interface ClaimableRow {
  readonly outcome: string | null;
  /** `planned`, `queued`, `leased`, `done` or `failed`; a later release may know more. */
  readonly status: string;
  readonly attempt: number;
  readonly leaseLive: boolean;
}

export type ClaimDecision =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'busy' }
  /** Attempts are used up: give up before work starts once more. */
  | { readonly kind: 'exhausted'; readonly attempt: number }
  | { readonly kind: 'claim'; readonly attempt: number };

/**
 * Whether a delivered message may start work. An expired lease counts as an attempt, unless this process has
 * itself just lost its servers (`serversJustBack`): then its owner may only have been cut off, and gets time
 * to give the claim back.
 */
export function decideClaim(row: ClaimableRow | undefined, serversJustBack: boolean): ClaimDecision {
  if (!row) return { kind: 'unknown' };
  if (row.status === 'done' || row.status === 'failed') return { kind: row.status };
  if (row.outcome !== null) return { kind: 'ended' };
  if (!OPEN.has(row.status)) return { kind: 'busy' };
  if (row.status === 'leased' && (row.leaseLive || serversJustBack)) return { kind: 'busy' };
  const attempt = row.status === 'leased' ? row.attempt + 1 : row.attempt;
  return attempt >= MAX_ATTEMPTS ? { kind: 'exhausted', attempt } : { kind: 'claim', attempt };
}
