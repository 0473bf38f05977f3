import type { ArtefactRef } from '@factory/contracts';
import type { WindowComparison } from '@factory/model';
import { PipedThread, withOutlet } from '@factory/task-thread';
import type { OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { Judge, Judgement, JudgementFiles } from './evaluate-candidate';
import type { JudgementInput } from './judgement-input';
import type { judgingTasks } from './judging-tasks';
import type { WindowJudge } from './windows/choose-candidate';
import type { WindowsInput } from './windows/compare-windows';

/** The evaluator's thread for judging; `evaluation.worker.cjs` is next to the bundle. */
export class EvaluationThread implements Judge, WindowJudge, OnApplicationShutdown {
  private readonly thread: PipedThread<typeof judgingTasks>;

  constructor(file = join(__dirname, 'evaluation.worker.cjs')) {
    this.thread = new PipedThread(file);
  }

  async judge(
    judgement: JudgementInput,
    { openDataset, putScores }: JudgementFiles,
    signal: AbortSignal,
  ): Promise<Judgement> {
    const bytes = { open: openDataset, count: judgement.dataset.bytes };
    const [report, scores] = await withOutlet<Judgement['report'], ArtefactRef>(
      (out) => this.thread.run('judgeCandidate', { judgement, scores: out }, bytes, signal),
      putScores,
    );
    return { report, scores };
  }

  compareWindows(
    input: WindowsInput,
    openDataset: JudgementFiles['openDataset'],
    signal: AbortSignal,
  ): Promise<WindowComparison> {
    return this.thread.run(
      'compareWindows',
      input,
      { open: openDataset, count: input.dataset.bytes },
      signal,
    );
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }
}
