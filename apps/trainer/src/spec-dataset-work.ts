import { BytePipe, BytePipeReader } from '@factory/task-thread';
import { buildMatrix } from './build-matrix';
import { fitDataset } from './fit-dataset';
import type { DatasetWork, OpenDataset } from './planning-thread';

/** For specs: the planning thread's work on the calling thread, through the same pipe. */
export const workHere: DatasetWork = {
  fit: async (input, open) => fitDataset(input, await piped(open), () => 0),
  matrix: async (input, open) => buildMatrix(input, await piped(open)),
};

async function piped(open: OpenDataset): Promise<BytePipeReader> {
  const pipe = new BytePipe(10_000_000);
  await pipe.pump(await open());
  return new BytePipeReader(pipe.shared);
}
