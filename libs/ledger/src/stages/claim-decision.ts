/** Maximum number of claims that end by error or expiry; then the work is given up (rules R13). */
export const MAX_ATTEMPTS = 5;
/** Seconds until a claim expires without renewal. */
export const LEASE_SECONDS = 30;

/** Statuses that can be claimed; only a later release knows what its new statuses mean. */
const OPEN: ReadonlySet<string> = new Set(['planned', 'queued', 'leased']);

/** The stage row and its run as read under lock. */
export interface ClaimableRow {
  readonly outcome: string | null;
  /** `planned`, `queued`, `leased`, `done` or `failed`; a later release may have more. */
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
  /** Attempts are used up: give up instead of starting the work again. */
  | { readonly kind: 'exhausted'; readonly attempt: number }
  | { readonly kind: 'claim'; readonly attempt: number };

/**
 * Whether a delivered message may start work. An expired lease counts as an attempt, unless this process has
 * just lost its own servers (`serversJustBack`): then the owner of the lease may have been disconnected as
 * well, and gets time to release the claim.
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
