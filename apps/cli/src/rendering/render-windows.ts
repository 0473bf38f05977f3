import type { WindowComparison } from '@factory/model';
import { count, figure } from './format';
import type { Output } from './output';
import { renderTable } from './table';

type Compared = WindowComparison['compared'][number];

const BAR = 24;

/** The windows that a run compared: a learning curve as a table, and what it says. */
export function renderWindows(comparison: WindowComparison, out: Output): string {
  const { rows, goals, compared } = comparison;
  const bar = barsOf(compared);
  return [
    `training windows compared on ${count(rows)} out-of-time rows with ${count(goals)} goals (half a)`,
    renderTable<Compared>(
      [
        { title: 'from', of: ({ start }) => start.slice(0, 10) },
        { title: 'days', of: ({ days }) => count(Math.round(days)), align: 'right' },
        { title: 'sales', of: ({ sales }) => count(sales), align: 'right' },
        { title: 'trial', of: ({ trial }) => String(trial), align: 'right' },
        { title: 'log-loss', of: ({ logLoss }) => figure(logLoss?.estimate, 5), align: 'right' },
        { title: '95 %', of: ({ logLoss }) => interval(logLoss) },
        { title: 'to the longest', of: ({ overLongest }) => signed(overLongest?.estimate), align: 'right' },
        { title: '95 %', of: ({ overLongest }) => interval(overLongest, signed) },
        { title: 'log-loss, from the lowest on', of: bar },
        { title: '', of: markOf },
      ],
      compared,
      { width: out.width },
    ),
    windowsSentence(comparison),
  ].join('\n');
}

/** What a learning curve says, in one sentence. */
export function windowsSentence({ reason, compared }: WindowComparison): string {
  const chosen = compared.find((one) => one.chosen);
  const days = `${count(Math.round(chosen?.days ?? 0))} days`;
  if (compared.length === 1) return 'Nothing can be said: only one window has a model.';
  if (reason === 'too-few-goals')
    return `Nothing can be said: too few goals to compare by. The sales volume chooses ${days}.`;
  if (reason === 'fresher')
    return `Fresher data is better: models of longer windows are surely worse than the best; ${days} are enough.`;
  const isProven = compared.some(({ overLongest }) => (overLongest?.lower95 ?? 0) > 0);
  return isProven
    ? `More data helps: models of shorter windows are surely worse; the longest window, ${days}, is taken.`
    : `No difference is seen: the longest window, ${days}, is taken, since no shorter one is surely better.`;
}

/** Bars of what a log-loss is above the lowest, relative to the highest. */
function barsOf(compared: readonly Compared[]): (one: Compared) => string {
  const losses = compared.flatMap(({ logLoss }) => logLoss?.estimate ?? []);
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  return ({ logLoss }) => {
    if (!logLoss) return '';
    const share = most > least ? (logLoss.estimate - least) / (most - least) : 0;
    return '#'.repeat(1 + Math.round(share * (BAR - 1)));
  };
}

function interval(
  of: Compared['logLoss'],
  text: (value: number) => string = (value) => figure(value, 5),
): string {
  return of ? `${text(of.lower95)} to ${text(of.upper95)}` : '';
}

function signed(value: number | undefined): string {
  return value === undefined ? '' : `${value > 0 ? '+' : ''}${figure(value, 5)}`;
}

function markOf({ chosen, byVolume, logLoss }: Compared): string {
  return [chosen ? 'chosen' : '', byVolume ? 'by volume' : '', logLoss ? '' : 'no figures']
    .filter(Boolean)
    .join(', ');
}
