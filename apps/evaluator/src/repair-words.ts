import type { RepairDecision, RepairReason } from '@factory/judgement';
import type { BootstrapInterval } from '@factory/metrics';
import type { Report } from '@factory/model';

type Figures = NonNullable<Report['repair']>['before'];

const WHY_NOT: Readonly<Record<Exclude<RepairReason, 'repaired'>, string>> = {
  calibrated: 'neither is surely off, so nothing was repaired',
  'no-line': 'no line can be fitted to these scores, so nothing was repaired',
  'not-converged': 'the fit of a line did not converge, so nothing was repaired',
  'slope-not-positive': 'a repair would turn the order of the scores round, so nothing was repaired',
};

/** What half `a` said, what was done, and what half `b` says of it, for report, card and command line. */
export function repairWords(
  { looked, fitted, reason }: RepairDecision,
  before: Figures,
  after: Figures,
): string {
  const { rows, goals, ratio, slope } = looked;
  const seen =
    `On half a of the out-of-time visitors (${rows} rows, ${goals} goals) predicted over observed goals is ` +
    `${told(ratio)}, the calibration slope ${typeof slope === 'string' ? slope : told(slope)}`;
  if (!fitted || reason !== 'repaired') return `${seen}: ${WHY_NOT[reason as keyof typeof WHY_NOT]}.`;
  const done = `logits are multiplied by ${fitted.slope.toFixed(4)}, and ${fitted.bias.toFixed(4)} is added`;
  const effect =
    before && after
      ? ` On half b, which was not looked at, predicted over observed goes from ${before.calibrationRatio.toFixed(3)} to ` +
        `${after.calibrationRatio.toFixed(3)}, the log-loss from ${before.logLoss.toFixed(5)} to ${after.logLoss.toFixed(5)}.`
      : '';
  return `${seen}: ${done}.${effect}`;
}

function told({ estimate, lower95, upper95 }: BootstrapInterval): string {
  return `${estimate.toFixed(3)} (95 % interval ${lower95.toFixed(3)} to ${upper95.toFixed(3)})`;
}
