import { BytePipeReader, type SharedPipe } from '@factory/task-thread';
import { buildMatrix, type MatrixInput } from './build-matrix';
import { fitDataset, type FitInput } from './fit-dataset';

/** A task's input, and the pipe through which its dataset comes. */
export interface Piped<Input> {
  readonly input: Input;
  readonly pipe: SharedPipe;
}

/** What the planning thread can do. */
export const planningTasks = {
  fitDataset: ({ input, pipe }: Piped<FitInput>) => fitDataset(input, new BytePipeReader(pipe)),
  buildMatrix: ({ input, pipe }: Piped<MatrixInput>) => buildMatrix(input, new BytePipeReader(pipe)),
};
