import type { ShownProfile } from '@factory/fleet';
import { binName } from '@factory/judgement';
import type { ColumnStatistics, Profile } from '@factory/model';
import { bars, type Bar } from './bars';
import { count, figure, percent } from './format';
import { markup, type Markup } from './html';
import { page } from './page';
import { headOf, loadingsOf, principalHead, shortNumber } from './render-profile';

const PAGE_WIDTH = 900;

/** A profile as one HTML file: no scripts, nothing is loaded, text of the shop is escaped. */
export function profilePage(shown: ShownProfile): string {
  const { profile } = shown;
  const title = `Data of ${shown.source} product ${shown.product}, goal ${shown.goal}`;
  const head = headOf(shown).filter(([, value]) => value !== '');
  return page(
    title,
    markup`<h1>${title}</h1>
        <dl>
          ${head.map(
            ([name, value]) =>
              markup`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        ${findingsOf(shown)}
        <h2>Days</h2>
        <p>Visits of each day</p>
        ${bars(
          daysOf(profile, ({ weight }) => weight, count),
          'Visits of each day',
          PAGE_WIDTH,
        )}
        <p>Share of them with the goal</p>
        ${bars(
          daysOf(
            profile,
            ({ weight, goalWeight }) => (weight > 0 ? goalWeight / weight : 0),
            (share) => percent(share),
          ),
          'Share of each day with the goal',
          PAGE_WIDTH,
        )}
        <p>Hour of the visit, UTC</p>
        ${histogram(profile.hour)} ${alikeOf(profile)} ${principalOf(shown)}
        <h2>Columns</h2>
        <p class="note">
          Shares and figures are of the shop's visits: each row counts as often as the visits that it stands
          for. AUC: how well the column alone ranks visits with the goal above the others; .5 is by chance.
          Bars are shares of frozen bins, the first is what is missing.
        </p>
        <table>
          <thead>
            <tr>
              <th>column</th>
              <th>distribution</th>
              <th>missing</th>
              <th>zeros</th>
              <th>AUC</th>
              <th>correlation with the goal</th>
              <th>values</th>
            </tr>
          </thead>
          <tbody>
            ${profile.columns.map(rowOf)}
          </tbody>
        </table>
`,
  );
}

function findingsOf({ findings, skipped }: ShownProfile): Markup {
  const lines = [
    ...(findings ?? []).map(
      ({ severity, code, words, overruled }) =>
        markup`<li>
          <span class="${severity === 'stop' && !overruled ? 'stop' : 'note'}">${overruled ? `overruled by ${overruled.by}` : severity}</span>
          <code>${code}</code> ${words}
        </li>`,
    ),
    ...(skipped ?? []).map((why) => markup`<li>${why}</li>`),
  ];
  return lines.length === 0
    ? markup``
    : markup`<h2>Found</h2>
        <ul>
          ${lines}
        </ul>`;
}

function alikeOf({ alike }: Profile): Markup {
  if (alike.length === 0) return markup``;
  return markup`<h2>Columns that say the same</h2>
    <ul>
      ${alike.map((names) => markup`<li>${names.join(' = ')}</li>`)}
    </ul>`;
}

function principalOf({ principal }: ShownProfile): Markup {
  if (!principal) return markup``;
  return markup`<h2>Principal components</h2>
    <p>${principalHead(principal)}.</p>
    <table>
      <thead>
        <tr>
          <th></th>
          <th>share of the variance</th>
          <th>columns with the largest coefficients</th>
        </tr>
      </thead>
      <tbody>
        ${principal.components.map(
          (one, at) =>
            markup`<tr>
              <td class="figure">${at + 1}</td>
              <td class="figure">${percent(one.share, 1)}</td>
              <td>${loadingsOf(one)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

function rowOf(column: ColumnStatistics): Markup {
  const isNumber = column.kind === 'number';
  return markup`<tr>
    <td class="name">${column.name}<br /><span class="note">${column.kind}</span></td>
    <td>${histogram(column)}</td>
    <td class="figure">${percent(column.missing)}</td>
    <td class="figure">${isNumber ? percent(column.zeros) : ''}</td>
    <td class="figure">${figure(column.auc, 3)}</td>
    <td class="figure">${isNumber ? figure(column.correlation, 3) : ''}</td>
    <td>${valuesOf(column)}</td>
  </tr>`;
}

function valuesOf(column: ColumnStatistics): string {
  if (column.kind === 'category') {
    const { levels, rest } = column;
    const shown = levels.slice(0, 8).map(({ level, share }) => `${level} ${percent(share, 1)}`);
    const others = levels.length - shown.length + rest.levels;
    return [...shown, ...(others > 0 ? [`${count(others)} more`] : [])].join(', ');
  }
  if (column.missing === 1) return '';
  const { min, max, mean, deviation, quantiles } = column;
  const [low, quarter, median, threeQuarters, high] = [1, 3, 4, 5, 7].map((at) =>
    shortNumber(quantiles[at] ?? 0),
  );
  return (
    `${shortNumber(min)} to ${shortNumber(max)}, mean ${shortNumber(mean)}, deviation ${shortNumber(deviation)}; ` +
    `5 %: ${low}, 25 %: ${quarter}, median ${median}, 75 %: ${threeQuarters}, 95 %: ${high}`
  );
}

function histogram({ name, kind, bins }: ColumnStatistics): Markup {
  const last = bins.shares.length - 1;
  const drawn = bins.shares.map((share, bin): Bar => ({
    title: `${binName(binsOf(bins), bin)}: ${percent(share)}`,
    size: share,
    isPale: bin === 0 || (kind === 'category' && bin === last),
  }));
  return bars(drawn, `Shares of ${name}`);
}

/** Bounds as they are shown. */
function binsOf({ edges, mode, levels }: ColumnStatistics['bins']) {
  return {
    ...(levels ? { levels } : {}),
    ...(edges ? { edges: edges.map((edge) => Number(edge.toPrecision(4))) } : {}),
    mode: mode ?? null,
  };
}

function daysOf(
  { days }: Profile,
  of: (day: Profile['days'][number]) => number,
  text: (value: number) => string,
): Bar[] {
  return days.map((day) => ({
    title: `${day.day}: ${text(Math.round(of(day) * 1e6) / 1e6)}`,
    size: of(day),
  }));
}
