import type { ColumnImportance } from '../report';
import { at, line, svg, text } from './svg';

const WIDTH = 620;
const ROW = 22;
const LEFT = 230;
const RIGHT = 530;
const LONGEST_NAME = 32;

/** By how much the log-loss rises when a column's values are exchanged between visits: a bar for each column. */
export function importancePicture(columns: readonly ColumnImportance[]): string {
  const most = Math.max(...columns.map(({ increase }) => increase), 1e-12);
  const least = Math.min(0, ...columns.map(({ increase }) => increase));
  const x = (value: number) => LEFT + ((value - least) / (most - least)) * (RIGHT - LEFT);
  const bars = columns.flatMap(({ column, increase }, row) => {
    const y = 10 + row * ROW;
    const [from, to] = [x(Math.min(0, increase)), x(Math.max(0, increase))];
    return [
      text(LEFT - 8, y + 14, shortened(column), ' text-anchor="end"'),
      `<rect x="${at(from)}" y="${at(y + 3)}" width="${at(Math.max(1, to - from))}" height="${ROW - 8}" fill="#4477aa"/>`,
      text(to + 6, y + 14, String(Number(increase.toPrecision(3)))),
    ];
  });
  const height = 20 + columns.length * ROW;
  return svg(WIDTH, height, 'What the log-loss gains without each column', [
    ...bars,
    line(x(0), 6, x(0), height - 6, '#333333'),
  ]);
}

function shortened(name: string): string {
  const characters = [...name];
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`;
}
