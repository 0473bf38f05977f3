import type { ReliabilityBin } from '@factory/metrics';
import { at, line, svg, text } from './svg';

const WIDTH = 460;
const HEIGHT = 420;
const PLOT = { left: 70, top: 30, right: 440, bottom: 360 };
const GRID_LINES = 4;

/**
 * Predicted against observed shares of goals in bins of equal weight, with Wilson's 95 % intervals; on the diagonal the
 * two are the same. Source: Murphy and Winkler 1977, "Reliability of Subjective Probability Forecasts".
 */
export function calibrationPicture(bins: readonly ReliabilityBin[]): string {
  const most = niceTop(Math.max(...bins.map(({ predicted, upper95 }) => Math.max(predicted, upper95)), 1e-9));
  const x = (share: number) => PLOT.left + (Math.min(share, most) / most) * (PLOT.right - PLOT.left);
  const y = (share: number) => PLOT.bottom - (Math.min(share, most) / most) * (PLOT.bottom - PLOT.top);
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, step) => {
    const share = (most * step) / GRID_LINES;
    return [
      line(x(share), PLOT.top, x(share), PLOT.bottom, '#dddddd'),
      line(PLOT.left, y(share), PLOT.right, y(share), '#dddddd'),
      text(x(share), PLOT.bottom + 18, percent(share), ' text-anchor="middle"'),
      text(PLOT.left - 8, y(share) + 4, percent(share), ' text-anchor="end"'),
    ];
  }).flat();
  const points = bins.flatMap(({ predicted, observed, lower95, upper95 }) => [
    line(x(predicted), y(lower95), x(predicted), y(upper95), '#4477aa', ' stroke-width="2"'),
    `<circle cx="${at(x(predicted))}" cy="${at(y(observed))}" r="4" fill="#4477aa"/>`,
  ]);
  return svg(WIDTH, HEIGHT, 'Predicted and observed shares of goals', [
    ...grid,
    line(x(0), y(0), x(most), y(most), '#aa3333', ' stroke-dasharray="5 4"'),
    ...points,
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 16, 'predicted', ' text-anchor="middle"'),
    text(16, PLOT.top - 12, 'observed'),
  ]);
}

/** The next of 1, 2, 2.5, 5, 10 times a power of ten; at most 1. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= value * (1 - 1e-12)) ?? 10;
  return Math.min(1, factor * power);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
