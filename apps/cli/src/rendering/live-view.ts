import type { ProgressMessage } from '@factory/contracts';
import { describeKey } from '@factory/domain';
import type { RunStanding } from '@factory/ledger';
import type { RequestView } from '@factory/fleet';
import { cut, duration, figure, shortId } from './format';
import type { Output } from './output';
import { waitText } from './source-wait';

/** Lines kept free below the view on a terminal. */
const LINES_KEPT = 4;
const LINE_EVERY_MS = 10_000;
const ENDED_BADLY = new Set(['failed', 'cancelled']);

/** Shows the progress of a request on stderr: redrawn in place on a terminal, otherwise a line per change. */
export class LiveView {
  private drawnLines = 0;
  private readonly lastLine = new Map<string, { text: string; at: number; stage: string }>();
  private away = '';
  private waiting = '';

  constructor(
    private readonly out: Output,
    private readonly startedAt: number,
    private readonly now: () => number,
  ) {}

  readonly show = (view: RequestView): void => {
    if (this.out.stderr.isTTY) this.redraw(view);
    else this.printChanges(view);
  };

  /** Leaves the last view on the screen. */
  finish(): void {
    this.drawnLines = 0;
  }

  private redraw(view: RequestView): void {
    const width = (this.out.stderr.columns ?? 80) - 1;
    const most = Math.max(3, (this.out.stderr.rows ?? 24) - LINES_KEPT);
    const active = view.runs.filter((run) => run.outcome === null);
    const ended = view.runs.filter((run) => run.outcome !== null);
    const shown = [...active, ...ended.slice(-most)].slice(0, most);
    const lines = [
      cut(`${this.summary(view)}  ${duration((this.now() - this.startedAt) / 1000)}`, width),
      ...shown.map((run) => this.colour(run, cut(runLine(run, view.progress.get(run.run)), width))),
      ...(view.runs.length > shown.length ? [`  and ${view.runs.length - shown.length} more`] : []),
    ];
    const up = this.drawnLines > 0 ? `\u001b[${this.drawnLines}A` : '';
    this.out.stderr.write(`${up}\r\u001b[J${lines.join('\n')}\n`);
    this.drawnLines = lines.length;
  }

  private printChanges(view: RequestView): void {
    if (view.away && view.away !== this.away) this.out.say(view.away);
    this.away = view.away ?? '';
    const waiting = view.waiting ? waitText(view.waiting) : '';
    if (waiting && waiting !== this.waiting) this.out.say(`the request waits: ${waiting}`);
    this.waiting = waiting;
    for (const run of view.runs) {
      const text = runLine(run, undefined);
      const last = this.lastLine.get(run.run);
      const stage = run.outcome ?? run.stage;
      const due = last?.stage !== stage || this.now() - last.at >= LINE_EVERY_MS;
      if (text === last?.text || !due) continue;
      this.lastLine.set(run.run, { text, at: this.now(), stage });
      this.out.say(text);
    }
  }

  private summary({ runs, away, waiting }: RequestView): string {
    if (away) return away;
    if (waiting) return `the request waits: ${waitText(waiting)}`;
    if (runs.length === 0) return 'waiting for data-prep to take the request';
    const ended = runs.filter((run) => run.outcome !== null).length;
    return `${ended} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} ended`;
  }

  private colour(run: RunStanding, text: string): string {
    if (run.outcome === null) return text;
    return this.out.style(this.out.stderr, ENDED_BADLY.has(run.outcome) ? 'red' : 'green', text);
  }
}

/** One run in one line: its stage, trials done, the best so far, and the worker's own message. */
export function runLine(run: RunStanding, progress: ProgressMessage | undefined): string {
  const head = `${describeKey(run)} ${shortId(run.run)}`;
  const trials = run.trialsSettled > 0 ? `trials ${run.trialsSettled}/${run.trialsTotal ?? '?'}` : '';
  const best = run.best === null ? '' : `best log-loss ${figure(run.best, 5)}`;
  if (run.outcome !== null) {
    const reason = run.reason && run.reason !== run.outcome ? `(${run.reason})` : '';
    return words(head, run.outcome, reason, trials, best);
  }
  if (run.waiting) return words(head, run.stage, `waiting: ${waitText(run.waiting)}`);
  const saying = progress?.stage === run.stage ? progress.doing : run.working ? '' : 'queued';
  return words(head, run.stage, trials, best, saying);
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
