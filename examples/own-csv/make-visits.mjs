// Prints a shop's visits as CSV, for readers without their own file: node make-visits.mjs > visits.csv
import { createHash } from 'node:crypto';

const ROWS = 24_000;
const DAYS = 60;
const LAST_DAY = Date.UTC(2024, 2, 31);

/** The same numbers in [0, 1) each time, so that the example file never changes. */
const draw = (row, what) => createHash('md5').update(`${what}|${row}`).digest().readUInt32BE() / 2 ** 32;
const pick = (row, what, choices) => choices[Math.floor(draw(row, what) * choices.length)];

console.log('visited_at,cookie,channel,device,pages,basket,returning,note,sold');
for (let row = 0; row < ROWS; row++) {
  const at = new Date(LAST_DAY - DAYS * 86_400_000 + ((row + draw(row, 'time')) / ROWS) * DAYS * 86_400_000);
  const channel = pick(row, 'channel', ['search', 'mail', 'social', 'direct']);
  const device = pick(row, 'device', ['phone', 'phone', 'desktop', 'tablet']);
  const pages = 1 + Math.floor(-6 * Math.log(1 - draw(row, 'pages')));
  const basket = draw(row, 'basket') < 0.3 ? (draw(row, 'value') * 120).toFixed(2) : '';
  const returning = draw(row, 'returning') < 0.35 ? 'yes' : 'no';
  // The pattern that a model can learn: log-odds rise with pages and basket, and differ by channel.
  const logit =
    -5 +
    0.09 * pages +
    (basket === '' ? 0 : 1.3 + Number(basket) / 90) +
    (returning === 'yes' ? 0.7 : 0) +
    { search: 0.2, mail: 0.8, social: -0.6, direct: 0.3 }[channel];
  const sold = draw(row, 'sold') < 1 / (1 + Math.exp(-logit)) ? 'yes' : 'no';
  const time = at.toISOString().slice(0, 19).replace('T', ' ');
  console.log(
    [
      time,
      `c${Math.floor(draw(row, 'cookie') * 15_000)}`,
      channel,
      device,
      pages,
      basket,
      returning,
      `row ${row}`,
      sold,
    ].join(','),
  );
}
