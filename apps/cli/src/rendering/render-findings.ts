import type { RunFinding } from '@factory/fleet';
import { figure } from './format';
import type { Output } from './output';
import { renderTable } from './table';

/** What the checks of a run's data have found, and what it means for the run. */
export function renderFindings(findings: readonly RunFinding[], out: Output): string {
  if (findings.length === 0) return '';
  return renderTable<RunFinding>(
    [
      { title: 'check', of: ({ code, column }) => (column === undefined ? code : `${code} ${column}`) },
      {
        title: 'means',
        of: meaningOf,
        paint: (text, finding) => (meaningOf(finding) === 'stop' ? out.paint('red', text) : text),
      },
      { title: 'figure', of: (finding) => figure(finding.figure, 3), align: 'right' },
      { title: 'limit', of: ({ limit }) => figure(limit, 3), align: 'right' },
      { title: 'finding', of: wordsOf, flexible: true },
    ],
    findings,
    { width: out.width },
  );
}

function meaningOf({ severity, overruled }: RunFinding): string {
  return overruled ? 'overruled' : severity;
}

function wordsOf({ words, overruled }: RunFinding): string {
  return overruled ? `${words} Overruled by ${overruled.by}: ${overruled.reason}` : words;
}
