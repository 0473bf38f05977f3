/** @import { ChaosReport } from './run-chaos.mjs' */

const FAULTS_SHOWN = 10;

/**
 * The report of a chaos run as text.
 *
 * @param {Pick<ChaosReport, 'kills' | 'figures' | 'checks'>} report
 */
export function reportText({ kills, figures, checks }) {
  return [
    '',
    'kills',
    ...Object.entries(kills).map(([victim, count]) => `  ${String(count).padStart(3)}  ${victim}`),
    '',
    'figures',
    ...Object.entries(figures).map(([name, figure]) => `  ${name}: ${figureText(figure)}`),
    '',
    'checks',
    ...checks.flatMap(({ rule, faults }) => [
      `  ${faults.length === 0 ? 'passed' : 'FAILED'}  ${rule}`,
      ...faults.slice(0, FAULTS_SHOWN).map((fault) => `            ${fault}`),
      ...(faults.length > FAULTS_SHOWN ? [`            and ${faults.length - FAULTS_SHOWN} more`] : []),
    ]),
    '',
  ].join('\n');
}

/** @param {unknown} figure */
function figureText(figure) {
  if (typeof figure === 'number') return String(Math.round(figure * 10) / 10);
  if (typeof figure !== 'object' || figure === null) return JSON.stringify(figure);
  if (!('seconds' in figure) || typeof figure.seconds !== 'number') return JSON.stringify(figure);
  const unit = 'unit' in figure && figure.unit ? `, ${figure.unit}` : '';
  return `${figure.seconds.toFixed(1)} s${unit}`;
}
