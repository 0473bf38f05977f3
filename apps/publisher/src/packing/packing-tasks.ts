import type { ArtefactRef } from '@factory/contracts';
import { BytePipeReader, type Piped } from '@factory/task-thread';
import { readGoldenValues, readJudgedScores, type GoldenDraw } from './read-rows';

/** Tasks of the packing thread. */
export const packingTasks = {
  readJudgedScores: ({ input, pipe }: Piped<ArtefactRef>) =>
    readJudgedScores(input, new BytePipeReader(pipe)),
  readGoldenValues: ({ input, pipe }: Piped<GoldenDraw>) => readGoldenValues(input, new BytePipeReader(pipe)),
};
