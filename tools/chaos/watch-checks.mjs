/**
 * @import { Check } from './final-checks.mjs'
 * @import { ProgressRecord } from './progress-record.mjs'
 */

/** Longest time that work may be idle once its servers are available again. */
const LONGEST_STANDSTILL_SECONDS = 60;
/** Longest claim of such small work on a busy machine; a hanging handler continues to renew its lease. */
const LONGEST_CLAIM_SECONDS = 120;

/**
 * Checks of the progress record made while servers and services were killed.
 *
 * @param {Pick<ProgressRecord, 'violations' | 'longest'>} record
 * @param {readonly {name: string, crashes: readonly string[]}[]} services
 * @returns {Check[]}
 */
export function watchChecks({ violations, longest: { afterReturn, claim } }, services) {
  return [
    { rule: 'nothing final changed, and no run was left without work', faults: violations },
    {
      rule: `no work was idle for more than ${LONGEST_STANDSTILL_SECONDS} s with all servers up`,
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
