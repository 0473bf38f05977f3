/**
 * @import { Check } from './final-checks.mjs'
 * @import { OutageKind } from './outage-kinds.mjs'
 *
 * @typedef {object} PastOutage
 * @property {string} kind
 * @property {OutageKind['server']} server
 * @property {string} source
 * @property {OutageKind['why']} why
 * @property {number} began milliseconds since the epoch
 * @property {number} ended milliseconds since the epoch
 * @property {number} goesOnAfterSeconds from its end until work continued
 * @property {boolean} waited requests for a dead source waited; true for other outages
 * @property {number} othersAfterSeconds until other sources were read during a dead one's outage; 0 for other outages
 *
 * @typedef {Record<string, unknown> & {service: string}} LogLine
 */

/** Longest time that work may be idle once the server accepts it again. */
export const GOES_ON_WITHIN_SECONDS = 60;
/** A service checks a server that it does not currently need at the next readiness probe. */
const TOLD_WITHIN_MS = 15_000;

/**
 * Checks of outages, by their records and the logs of the services.
 *
 * @param {readonly PastOutage[]} past
 * @param {readonly {name: string, log: string}[]} logs
 * @returns {Check[]}
 */
export function outageChecks(past, logs) {
  const lines = logs.flatMap(({ name, log }) => parsedLines(name, log));
  return [
    {
      rule: 'the services named every failover and every refused account: server and reason',
      faults: past
        .filter((outage) => !lines.some((line) => tells(line, outage)))
        .map(({ kind, began }) => `${kind} at ${new Date(began).toISOString()}: no log line names it`),
    },
    {
      rule: `work continued within ${GOES_ON_WITHIN_SECONDS} s of the end of each`,
      faults: past
        .filter(({ goesOnAfterSeconds }) => goesOnAfterSeconds > GOES_ON_WITHIN_SECONDS)
        .map(({ kind, goesOnAfterSeconds }) => `${kind}: ${goesOnAfterSeconds.toFixed(1)} s`),
    },
    {
      rule: 'requests for a dead source waited, and other sources were read in the meantime',
      faults: past
        .filter(({ waited, othersAfterSeconds }) => !waited || othersAfterSeconds > GOES_ON_WITHIN_SECONDS)
        .map(({ kind, waited, othersAfterSeconds }) =>
          waited ? `${kind}: others after ${othersAfterSeconds.toFixed(1)} s` : `${kind}: nothing waited`,
        ),
    },
    {
      rule: 'no work failed: attempts were only used by kills',
      faults: lines
        .filter(({ msg }) => String(msg).startsWith('failed: '))
        .map(({ service, run, stage, msg }) => `${service}: ${run} ${stage} ${msg}`),
    },
  ];
}

/**
 * How often each kind was caused, and the longest time until its work continued.
 *
 * @param {readonly PastOutage[]} past
 * @returns {Record<string, {seconds: number, unit?: string}>}
 */
export function outageFigures(past) {
  const kinds = [...new Set(past.map(({ kind }) => kind))].sort();
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const all = past.filter((one) => one.kind === kind);
      const longest = Math.max(...all.map(({ goesOnAfterSeconds }) => goesOnAfterSeconds));
      const others = Math.max(...all.map(({ othersAfterSeconds }) => othersAfterSeconds));
      return [
        [`${kind}: longest until work continued`, { seconds: longest, unit: `${all.length} times` }],
        ...(others > 0 ? [[`${kind}: longest until other sources were read`, { seconds: others }]] : []),
      ];
    }),
  );
}

/**
 * Whether a line of a service's log names the outage.
 *
 * @param {LogLine} line
 * @param {PastOutage} outage
 */
function tells(line, { server, source, why, began, ended }) {
  const at = Date.parse(String(line.time));
  if (!(at >= began && at <= ended + TOLD_WITHIN_MS)) return false;
  if (server === 'source' && why === 'unreachable')
    return line.level === 'warn' && line.source === source && line.code === 'source-away';
  if (line.level !== 'error') return false;
  if (server === 'source') return line.source === source && line.code === 'source-access-denied';
  return line.server === server && line.why === why;
}

/**
 * @param {string} service
 * @param {string} log
 * @returns {LogLine[]}
 */
function parsedLines(service, log) {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      try {
        return [{ ...JSON.parse(line), service }];
      } catch {
        // A killed process may leave an incomplete line.
        return [];
      }
    });
}
