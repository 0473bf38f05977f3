import { windowField } from '@factory/contracts';
import { describeKey, isOfFamily, mostSteps, type NetworkSettings } from '@factory/domain';
import type { AuditEntry, TrialRow } from '@factory/ledger';
import { count, duration, figure, instant, millis, percent, unreadableNote } from './format';
import type { Output } from './output';
import { renderEvaluation } from './render-evaluation';
import { renderVerdict } from './render-verdict';
import { renderFindings } from './render-findings';
import {
  fieldOf,
  type ReportedTrial,
  type RunReport,
  type SearchReport,
  type Transition,
  type UnitReport,
} from '@factory/fleet';
import { waitText } from './source-wait';
import { renderPairs, renderTable, type Column } from './table';
import { windowNote } from './training-window';

/** A run's report as text: summary, each stage, the window, the trials, the evaluation, the verdict. */
export function renderRun(report: RunReport, out: Output): string {
  const sections = [
    ['', head(report, out)],
    ['Stages', units(report, out)],
    ['Control overhead', overhead(report)],
    ['Training window', candidates(report, out)],
    ['Checks of the data', renderFindings(report.findings, out)],
    ['Sample', sample(report)],
    ['Trials', trialsText(report, out)],
    ['Evaluation', report.evaluation ? renderEvaluation(report.evaluation, out) : ''],
    ['Verdict', report.verdict ? renderVerdict(report.verdict, out) : ''],
    ['Published', published(report)],
    ['Changes by people', audit(report, out)],
  ] as const;
  return sections
    .filter(([, text]) => text !== '')
    .map(([title, text]) => (title === '' ? text : `${out.paint('bold', title)}\n${text}`))
    .join('\n\n');
}

function head(report: RunReport, out: Output): string {
  const outcome = report.outcome ?? 'in flight';
  const style = outcome === 'failed' || outcome === 'cancelled' ? 'red' : 'green';
  return renderPairs([
    ['run', report.run],
    ['model', describeKey(report)],
    ['request', report.requestKey],
    ['grid', report.grid],
    ['outcome', out.paint(style, outcome)],
    ['waiting', report.waiting ? waitText(report.waiting) : ''],
    ['reason', report.reason],
    ['details', detailsText(report.details)],
    ['fault', unreadableNote(report)],
    ['started', `${instant(report.createdAt)} UTC`],
    [
      'finished',
      report.finishedAt ? `${instant(report.finishedAt)} UTC, after ${duration(report.seconds)}` : '',
    ],
  ]);
}

function detailsText(details: Readonly<Record<string, unknown>> | null): string {
  if (!details) return '';
  const { message, ...figures } = details;
  const rest = Object.keys(figures).length > 0 ? JSON.stringify(figures) : '';
  return [message, rest].filter(Boolean).join(' ');
}

function units(report: RunReport, out: Output): string {
  const columns: Column<UnitReport>[] = [
    { title: 'stage', of: (unit) => (unit.shard === '0' ? unit.stage : `${unit.stage} ${unit.shard}`) },
    {
      title: 'status',
      of: (unit) => unit.status,
      paint: (text, unit) => (unit.status === 'failed' ? out.paint('red', text) : text),
    },
    { title: 'queued (UTC)', of: (unit) => instant(unit.queuedAt) },
    { title: 'waited', of: (unit) => duration(unit.queueSeconds), align: 'right' },
    { title: 'own time', of: (unit) => (unit.claimedAt ? duration(unit.ownSeconds) : ''), align: 'right' },
    {
      title: 'failures',
      of: (unit) => (unit.failedAttempts > 0 ? String(unit.failedAttempts) : ''),
      align: 'right',
    },
    { title: 'worker', of: (unit) => unit.owner ?? '', flexible: true },
    {
      title: 'error',
      of: (unit) => (unit.error ? `${unit.error.code}: ${unit.error.message}` : ''),
      flexible: true,
    },
  ];
  const used = columns.filter((column) => report.units.some((unit) => column.of(unit) !== ''));
  return report.units.length === 0 ? '' : renderTable(used, report.units, { width: out.width });
}

function overhead({ controlOverhead: { transitions, medianMs, totalMs } }: RunReport): string {
  if (transitions.length === 0) return '';
  const step = ({ from, to, overheadMs }: Transition): [string, string] => [
    `${from} -> ${to}`,
    millis(overheadMs),
  ];
  return renderPairs([...transitions.map(step), ['median', millis(medianMs)], ['in all', millis(totalMs)]]);
}

function candidates(report: RunReport, out: Output): string {
  if (report.window === null) return '';
  if (fieldOf(report.window, 'noTime') === true)
    return `no time: every visit is trained on (${count(fieldOf(report.window, 'sales'))} sales), no out-of-time part`;
  const chosen = fieldOf(report.window, 'start');
  const table = renderTable<unknown>(
    [
      { title: 'start (UTC)', of: (one) => instant(fieldOf(one, 'start') as string) },
      { title: 'days', of: (one) => figure(fieldOf(one, 'days'), 1), align: 'right' },
      { title: 'sales', of: (one) => count(fieldOf(one, 'sales')), align: 'right' },
      { title: '', of: (one) => (fieldOf(one, 'start') === chosen ? 'chosen' : '') },
    ],
    report.candidates,
    { width: out.width },
  );
  const trainEnd = instant(fieldOf(report.window, 'trainEnd') as string);
  const end = instant(fieldOf(report.window, 'end') as string);
  const window = windowField.safeParse(report.window).data;
  const note = window ? windowNote([window]) : '';
  return `${table}\nall end at ${trainEnd}; out-of-time until ${end}${note && `\n${note}`}`;
}

function sample({ counts }: RunReport): string {
  const of = (part: string, field: string): string => count(fieldOf(fieldOf(counts, part), field));
  if (counts === null) return '';
  const leftOut = fieldOf(counts, 'leftOut');
  return renderPairs([
    ['visits with the goal', `${of('drawn', 'goals')} of ${of('population', 'goals')}`],
    ['other visits', `${of('drawn', 'others')} of ${of('population', 'others')}`],
    ['out of time', `${of('outOfTime', 'goals')} with the goal, ${of('outOfTime', 'others')} others`],
    [
      'left out',
      leftOut === undefined ? '' : `${count(leftOut)}: a goal before the cut, no cut, or one too late`,
    ],
    ['fractions', `f1 ${figure(fieldOf(counts, 'f1'), 6)}, f0 ${figure(fieldOf(counts, 'f0'), 6)}`],
  ]);
}

/** Networks have columns of their own; the settings of any other family are in one, in words. */
const SETTINGS_COLUMNS: readonly Column<TrialRow>[] = [
  { title: 'nodes', of: ofNetwork(({ node1, node2 }) => `${node1}, ${node2}`) },
  { title: 'dropout', of: ofNetwork(({ dropout1, dropout2 }) => `${dropout1}, ${dropout2}`) },
  { title: 'optimizer', of: ofNetwork(({ optimizer, learningRate }) => `${optimizer} ${learningRate}`) },
  { title: 'batch', of: ofNetwork(({ batchSize }) => String(batchSize)), align: 'right' },
  { title: 'settings', of: ofOthers, flexible: true },
];

function ofNetwork(text: (settings: NetworkSettings) => string): (trial: TrialRow) => string {
  return (trial) => (isOfFamily(trial, 'network') ? text(trial.settings) : '');
}

function ofOthers(trial: TrialRow): string {
  const { family, settings } = trial;
  if (isOfFamily(trial, 'network')) return '';
  const words = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [family, ...words].join(', ');
}

/** The trials of a run, of whatever families, and the cost of the search. */
export function trialsText(report: Pick<RunReport, 'trials' | 'winner' | 'search'>, out: Output): string {
  if (report.trials.length === 0) return '';
  const columns: Column<ReportedTrial>[] = [
    { title: '#', of: ({ trial }) => String(trial), align: 'right' },
    ...SETTINGS_COLUMNS,
    { title: 'epochs', of: (one) => `${one.epochsRun ?? '-'}/${mostSteps(one)}`, align: 'right' },
    { title: 'drops', of: (trial) => String(trial.rateDrops ?? ''), align: 'right' },
    { title: 'val loss', of: (trial) => figure(trial.validationLoss), align: 'right' },
    { title: 'natural', of: (trial) => figure(trial.naturalValidationLogLoss, 5), align: 'right' },
    { title: 'auc', of: (trial) => figure(trial.rocAuc), align: 'right' },
    { title: 'pr-auc', of: (trial) => figure(trial.prAuc), align: 'right' },
    { title: 'time', of: (trial) => duration(trial.seconds), align: 'right' },
    { title: 'engine', of: (trial) => trial.engine ?? '', flexible: true },
    { title: 'from', of: ({ trainFrom }) => trainFrom?.slice(0, 10) ?? '' },
    { title: 'status', of: ({ trial, status }) => (trial === report.winner ? 'winner' : status) },
    { title: 'error', of: (trial) => trial.error ?? '', flexible: true },
  ];
  const used = columns.filter((column) => report.trials.some((trial) => column.of(trial) !== ''));
  return [renderTable(used, report.trials, { width: out.width }), searchText(report.search)]
    .filter(Boolean)
    .join('\n');
}

/** The cost of the search; early stopping alone saves a part of it. */
export function searchText(report: SearchReport | null): string {
  if (!report) return '';
  const { search, trials, gridTrials, epochsTrained, epochsOfGrid } = report;
  const share = percent(epochsTrained / epochsOfGrid, 0);
  return (
    `search ${search}: ${count(trials)} of ${count(gridTrials)} combinations tried, ${count(epochsTrained)} epochs ` +
    `trained of the ${count(epochsOfGrid)} that the whole grid may take (${share})`
  );
}

function published({ published }: RunReport): string {
  if (!published) return '';
  const epoch = published['epoch'];
  return renderPairs([
    ['version', text(published['version'])],
    ['location', text(published['location'])],
    ['epoch', typeof epoch === 'number' ? String(epoch) : ''],
    ['base rate', percent(published['baseRate'])],
  ]);
}

function audit(report: RunReport, out: Output): string {
  if (report.audit.length === 0) return '';
  return renderTable(
    [
      { title: 'at (UTC)', of: (entry) => instant(entry.at) },
      { title: 'who', of: (entry) => entry.who },
      { title: 'what', of: whatWasDone },
      { title: 'why', of: (entry) => entry.reason, flexible: true },
    ],
    report.audit,
    { width: out.width },
  );
}

/** An overrule says of which check, and of which column. */
function whatWasDone({ action, details }: AuditEntry): string {
  const about = [fieldOf(details, 'check'), fieldOf(details, 'column')].map(text).filter(Boolean);
  return action === 'overrule' ? [action, ...about].join(' ') : action;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
