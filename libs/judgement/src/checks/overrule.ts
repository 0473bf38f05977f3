import { BadInputsError } from '@factory/domain';
import { CHECK_CODES, type CheckCode } from './check-rules';
import type { CheckFinding } from './finding';

/** A person's decision that a check does not stop one run. */
export interface Overrule {
  /** Code of the check. */
  readonly check: string;
  /** Column or feature table of the finding; absent: whatever it is about. */
  readonly column?: string | undefined;
  readonly reason: string;
  readonly by: string;
}

/**
 * Refuses overrules of checks that do not exist: a typing error must not be found out by a run that is rejected.
 *
 * @param field name to be told in refusals
 * @throws BadInputsError `unknown-check` naming every such check, with the list of those that there are
 */
export function requireKnownChecks(asked: readonly Pick<Overrule, 'check'>[], field = 'overrule'): void {
  const known: readonly string[] = CHECK_CODES;
  const refusals = asked.flatMap(({ check }, at) =>
    known.includes(check)
      ? []
      : [{ field: `${field}.${at}.check`, value: check, todo: `use one of ${known.join(', ')}` }],
  );
  if (refusals.length > 0) throw new BadInputsError('unknown-check', refusals);
}

/** The findings of a run, each that a person has overruled marked so: nothing that was found is forgotten. */
export function applyOverrules(
  findings: readonly CheckFinding[],
  overrules: readonly Overrule[],
): CheckFinding[] {
  return findings.map((finding) => {
    const by = overrules.find((one) => isAbout(one, finding));
    return by ? { ...finding, overruled: { reason: by.reason, by: by.by } } : finding;
  });
}

/** The findings that end a run as rejected. */
export function stopsOf(findings: readonly CheckFinding[]): CheckFinding[] {
  return findings.filter(({ severity, overruled }) => severity === 'stop' && !overruled);
}

/** How many codes a run's reason names. */
const NAMED = 3;

/** Why a run is rejected: the codes of what stops it; undefined if nothing does. */
export function stopReason(findings: readonly CheckFinding[]): string | undefined {
  const codes = [...new Set<CheckCode>(stopsOf(findings).map(({ code }) => code))];
  if (codes.length === 0) return undefined;
  const more = codes.length - NAMED;
  return codes.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function isAbout({ check, column }: Overrule, finding: CheckFinding): boolean {
  return check === finding.code && (column === undefined || column === finding.column);
}
