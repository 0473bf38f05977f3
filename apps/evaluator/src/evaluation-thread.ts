import { TaskThread } from '@factory/task-thread';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { Judge } from './evaluate-candidate';
import type { judgeCandidate, Judgement, JudgementInput } from './judge-candidate';

/** The evaluator's thread for judging; `evaluation.worker.cjs` lies beside the bundle. */
@Injectable()
export class EvaluationThread implements Judge, OnApplicationShutdown {
  private readonly thread = new TaskThread<{ judgeCandidate: typeof judgeCandidate }>(
    join(__dirname, 'evaluation.worker.cjs'),
  );

  judge(input: JudgementInput, signal: AbortSignal): Promise<Judgement> {
    return this.thread.run('judgeCandidate', input, signal);
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }
}
