import { fieldOf, type VerdictReport } from '@factory/fleet';
import type { Output } from './output';
import { renderTable } from './table';

/** What became of a candidate, in sentences: the decision, what somebody should know, and every rule. */
export function renderVerdict(verdict: VerdictReport, out: Output): string {
  const { decision, decisive, words, warnings, alerts } = verdict;
  return [
    decisive === null ? decision : `${decision}, ${decisive}`,
    ...(words === null ? [] : [words]),
    ...alerts.map((alert) => out.paint('red', `alert: ${alert}`)),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...rulesText(verdict.reasons, out),
  ].join('\n');
}

function rulesText(reasons: readonly unknown[], out: Output): string[] {
  const rules = reasons.map((one) => (typeof one === 'string' ? { rule: one } : one));
  if (rules.length === 0) return [];
  const told = rules.every((one) => typeof fieldOf(one, 'words') === 'string');
  return told ? [sentences(rules, out)] : [figures(rules, out)];
}

/** One line a rule, however long: a sentence that is cut off says nothing. */
function sentences(rules: readonly unknown[], out: Output): string {
  const text = (one: unknown, field: string): string => shown(fieldOf(one, field));
  const width = Math.max(...rules.map((one) => text(one, 'rule').length));
  return rules
    .map((one) => {
      const result = text(one, 'result');
      const painted = result === 'failed' ? out.paint('red', result.padEnd(7)) : result.padEnd(7);
      return `${painted}  ${text(one, 'rule').padEnd(width)}  ${text(one, 'words')}`;
    })
    .join('\n');
}

/** Of releases whose rules said no sentences. */
function figures(rules: readonly unknown[], out: Output): string {
  const field = (name: string) => (one: unknown) => shown(fieldOf(one, name));
  return renderTable<unknown>(
    [
      { title: 'rule', of: field('rule'), flexible: true },
      { title: 'figure', of: field('figure'), align: 'right' },
      { title: 'limit', of: field('limit'), align: 'right' },
      { title: 'result', of: field('result'), flexible: true },
    ],
    rules,
    { width: out.width },
  );
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : '';
}
