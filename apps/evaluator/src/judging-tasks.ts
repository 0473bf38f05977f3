import { BytePipeReader, ByteOutletWriter, type Piped, type SharedPipe } from '@factory/task-thread';
import { judgeCandidate, type JudgementInput } from './judge-candidate';

export interface JudgingOrder {
  readonly judgement: JudgementInput;
  /** Receives scores.arrow. */
  readonly scores: SharedPipe;
}

/** Tasks of the evaluator's thread. */
export const judgingTasks = {
  judgeCandidate: ({ input: { judgement, scores }, pipe }: Piped<JudgingOrder>) => {
    const out = new ByteOutletWriter(scores);
    return judgeCandidate(judgement, new BytePipeReader(pipe), (chunk) => out.write(chunk));
  },
};
