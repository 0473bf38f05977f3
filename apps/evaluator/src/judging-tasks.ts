import { BytePipeReader, ByteOutletWriter, type Piped, type SharedPipe } from '@factory/task-thread';
import { judgeCandidate, type JudgementInput } from './judge-candidate';

export interface JudgingOrder {
  readonly judgement: JudgementInput;
  /** Takes scores.arrow. */
  readonly scores: SharedPipe;
}

/** What the evaluator's thread can do. */
export const judgingTasks = {
  judgeCandidate: ({ input: { judgement, scores }, pipe }: Piped<JudgingOrder>) => {
    const out = new ByteOutletWriter(scores);
    return judgeCandidate(judgement, new BytePipeReader(pipe), (chunk) => out.write(chunk));
  },
};
