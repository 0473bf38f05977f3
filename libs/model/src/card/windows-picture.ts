import type { WindowComparison } from '../report-windows';
import { at, line, svg, text } from './svg';

const WIDTH = 560;
const HEIGHT = 360;
const PLOT = { left: 80, top: 40, right: 540, bottom: 300 };
const GRID_LINES = 4;

/**
 * A learning curve: log-loss by days of the training window, on a logarithmic scale, with 95 % intervals; the chosen
 * window is filled. Windows without figures are left out.
 */
export function windowsPicture({ compared }: WindowComparison): string {
  const points = compared.flatMap(({ logLoss, ...one }) => (logLoss ? [{ ...one, logLoss }] : []));
  const [low, high] = spanOf(points.flatMap(({ logLoss }) => [logLoss.lower95, logLoss.upper95]));
  const [first, last] = spanOf(points.map(({ days }) => Math.log(days)));
  const x = (days: number) =>
    PLOT.left + ((Math.log(days) - first) / (last - first)) * (PLOT.right - PLOT.left);
  const y = (loss: number) => PLOT.bottom - ((loss - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, step) => {
    const loss = low + ((high - low) * step) / GRID_LINES;
    return [
      line(PLOT.left, y(loss), PLOT.right, y(loss), '#dddddd'),
      text(PLOT.left - 8, y(loss) + 4, loss.toFixed(4), ' text-anchor="end"'),
    ];
  }).flat();
  return svg(WIDTH, HEIGHT, 'Log-loss by length of the training window', [
    ...grid,
    ...points.slice(1).map(({ days, logLoss }, before) => {
      const from = points[before];
      return line(
        x(from?.days ?? days),
        y((from?.logLoss ?? logLoss).estimate),
        x(days),
        y(logLoss.estimate),
        '#4477aa',
      );
    }),
    ...points.flatMap(({ days, logLoss, chosen }) => [
      line(x(days), y(logLoss.lower95), x(days), y(logLoss.upper95), '#4477aa', ' stroke-width="2"'),
      `<circle cx="${at(x(days))}" cy="${at(y(logLoss.estimate))}" r="5" fill="${chosen ? '#4477aa' : '#ffffff'}" stroke="#4477aa" stroke-width="2"/>`,
      text(x(days), PLOT.bottom + 20, String(Math.round(days)), ' text-anchor="middle"'),
    ]),
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 16, 'days of the training window', ' text-anchor="middle"'),
    text(16, PLOT.top - 16, 'log-loss out of time, 95 % intervals'),
  ]);
}

/** With room where all values are the same. */
function spanOf(values: readonly number[]): [least: number, most: number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least < most ? [least, most] : [least - 1, most + 1];
}
