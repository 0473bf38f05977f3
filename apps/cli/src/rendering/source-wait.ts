import type { SourceWait, WaitOf } from '@factory/ledger';
import { count, instant } from './format';

/** Text for what a run or a request is waiting for. */
export function waitText({ source, since, refused }: WaitOf): string {
  const what = refused ? 'refuses the account' : 'is unavailable';
  return `source ${source} ${what} since ${instant(since)} UTC`;
}

/** The waiting work of one source, in one line. */
export function sourceWaitLine(wait: SourceWait): string {
  const { runs, requests } = wait;
  const parts = [
    counted(runs, 'run'),
    ...(requests > 0
      ? [counted(requests, 'request that cannot be taken', 'requests that cannot be taken')]
      : []),
  ];
  return `waiting: ${waitText(wait)}, ${parts.join(' and ')}`;
}

function counted(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
