import type { ShownProfile } from '@factory/fleet';
import type { PrincipalComponent, PrincipalComponents } from '@factory/judgement';
import type { CategoryStatistics, ColumnStatistics, NumberStatistics } from '@factory/model';
import { count, figure, instant, percent, printable, shortId } from './format';
import type { Output } from './output';
import { renderPairs, renderTable } from './table';

/** Places of 5 %, the median and 95 % among a profile's quantiles. */
const SHOWN_QUANTILES = [1, 4, 7] as const;

/** What a profile is of, and its figures, for a terminal. */
export function renderProfile(shown: ShownProfile, out: Output): string {
  const { profile } = shown;
  const findings = (shown.findings ?? []).map(
    ({ severity, code, words, overruled }) => `${overruled ? 'overruled' : severity}  ${code}: ${words}`,
  );
  const alike = profile.alike.map((names) => names.join(' = '));
  return [
    renderPairs(headOf(shown)),
    section('FOUND', [...findings, ...(shown.skipped ?? [])]),
    renderTable<ColumnStatistics>(
      [
        { title: 'column', of: ({ name }) => name, flexible: true },
        { title: 'kind', of: ({ kind }) => kind },
        { title: 'missing', of: ({ missing }) => percent(missing), align: 'right' },
        { title: 'zeros', of: (one) => (one.kind === 'number' ? percent(one.zeros) : ''), align: 'right' },
        { title: 'auc', of: ({ auc }) => figure(auc, 3), align: 'right' },
        {
          title: 'corr',
          of: (one) => (one.kind === 'number' ? figure(one.correlation, 3) : ''),
          align: 'right',
        },
        { title: '5 %, median, 95 %, or levels', of: valuesOf, flexible: true },
      ],
      profile.columns,
      { width: out.width },
    ),
    section('SAY THE SAME', alike),
    section('PRINCIPAL COMPONENTS', principalLines(shown)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Columns that a component is told by. */
const LOADINGS = 6;

function principalLines({ principal }: ShownProfile): string[] {
  if (!principal) return [];
  const width = String(principal.components.length).length;
  return [
    principalHead(principal),
    ...principal.components.map(
      (one, at) => `${String(at + 1).padStart(width)}  ${percent(one.share, 1)}  ${loadingsOf(one)}`,
    ),
  ];
}

export function principalHead({ columns, components }: PrincipalComponents): string {
  const share = components.reduce((sum, one) => sum + one.share, 0);
  return (
    `${components.length} of ${columns} directions have ${percent(share, 1)} of the variance of the ${columns} columns of ` +
    'numbers, when each counts the same'
  );
}

/** The columns with the largest coefficients. */
export function loadingsOf({ loadings }: PrincipalComponent): string {
  const shown = loadings.slice(0, LOADINGS).map(({ column, loading }) => `${column} ${figure(loading, 2)}`);
  const more = loadings.length - shown.length;
  return [...shown, ...(more > 0 ? [`${count(more)} more`] : [])].join(', ');
}

/** What the profile is of, in pairs of words. */
export function headOf({ source, goal, product, run, version, profile }: ShownProfile): [string, string][] {
  const [first, last] = [profile.days[0]?.day ?? '', profile.days.at(-1)?.day ?? ''];
  return [
    ['model', `${source}/${goal}/${product}`],
    ['run', shortId(run)],
    ['version', version ?? ''],
    ['days', `${first} to ${last}, range up to ${instant(profile.end)} (UTC)`],
    ['rows', `${count(profile.rows)}, worth ${count(Math.round(profile.effectiveRows))} independent visits`],
    ['visits', count(Math.round(profile.weight))],
    ['goals', `${count(profile.goals)}, ${percent(profile.goalWeight / profile.weight)} of the visits`],
    ['columns', count(profile.columns.length)],
  ];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map(printable)].join('\n');
}

function valuesOf(column: ColumnStatistics): string {
  return column.kind === 'number' ? quantilesOf(column) : levelsOf(column);
}

function quantilesOf({ quantiles, missing }: NumberStatistics): string {
  if (missing === 1) return '';
  return SHOWN_QUANTILES.map((at) => shortNumber(quantiles[at] ?? 0)).join(', ');
}

function levelsOf({ levels, rest }: CategoryStatistics): string {
  const shown = levels.slice(0, 5).map(({ level, share }) => `${level} ${percent(share, 0)}`);
  const others = levels.length - shown.length + rest.levels;
  return [...shown, ...(others > 0 ? [`${count(others)} more`] : [])].join(', ');
}

/** A value of a column: as many digits as help. */
export function shortNumber(value: number): string {
  const text = String(Number(value.toPrecision(4)));
  return Math.abs(value) >= 10_000 && Math.abs(value) < 1e15
    ? Math.round(value).toLocaleString('en-US')
    : text;
}
