import { BytePipeReader, type Piped } from '@factory/task-thread';
import { buildMatrix, type MatrixInput } from './build-matrix';
import { fitDataset, type FitInput } from './fit-dataset';

/** Tasks of the planning thread. */
export const planningTasks = {
  fitDataset: ({ input, pipe }: Piped<FitInput>) =>
    fitDataset(input, new BytePipeReader(pipe), () => performance.now()),
  buildMatrix: ({ input, pipe }: Piped<MatrixInput>) => buildMatrix(input, new BytePipeReader(pipe)),
};
