import { BytePipeReader, ByteOutletWriter, type Piped, type SharedPipe } from '@factory/task-thread';
import { judgeCandidate } from './judge-candidate';
import type { JudgementInput } from './judgement-input';
import { compareWindows, type WindowsInput } from './windows/compare-windows';

export interface JudgingOrder {
  readonly judgement: JudgementInput;
  /** Receives scores.arrow. */
  readonly scores: SharedPipe;
}

/** Tasks of the evaluator's thread. */
export const judgingTasks = {
  compareWindows: ({ input, pipe }: Piped<WindowsInput>) => compareWindows(input, new BytePipeReader(pipe)),
  judgeCandidate: ({ input: { judgement, scores }, pipe }: Piped<JudgingOrder>) => {
    const out = new ByteOutletWriter(scores);
    return judgeCandidate(judgement, new BytePipeReader(pipe), {
      writeScores: (chunk) => out.write(chunk),
      clock: () => performance.now(),
    });
  },
};
