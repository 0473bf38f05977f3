/**
 * @import { Check } from './final-checks.mjs'
 * @import { ProgressRecord } from './progress-record.mjs'
 */

/** Longest that work may stand still once its servers are back. */
const LONGEST_STANDSTILL_SECONDS = 60;
/** Longest claim of such small work on a crowded machine; a handler that hangs goes on renewing. */
const LONGEST_CLAIM_SECONDS = 120;

/**
 * What must hold of what was seen while servers and services were killed.
 *
 * @param {Pick<ProgressRecord, 'violations' | 'longest'>} record
 * @param {readonly {name: string, crashes: readonly string[]}[]} services
 * @returns {Check[]}
 */
export function watchChecks({ violations, longest: { afterReturn, claim } }, services) {
  return [
    { rule: 'what was final never changed, and no run was left without work', faults: violations },
    {
      rule: `no work stood still for more than ${LONGEST_STANDSTILL_SECONDS} s with all servers up`,
      faults:
        afterReturn.seconds > LONGEST_STANDSTILL_SECONDS
          ? [`${afterReturn.seconds.toFixed(1)} s: ${afterReturn.unit}`]
          : [],
    },
    {
      rule: `no claim was held for more than ${LONGEST_CLAIM_SECONDS} s`,
      faults: claim.seconds > LONGEST_CLAIM_SECONDS ? [`${claim.seconds.toFixed(1)} s: ${claim.unit}`] : [],
    },
    {
      rule: 'no service ended unless it was killed',
      faults: services.flatMap(({ name, crashes }) => crashes.map((log) => `${name}: ${log}`)),
    },
  ];
}
