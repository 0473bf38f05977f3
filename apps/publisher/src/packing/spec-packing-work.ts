import { BytePipe, BytePipeReader } from '@factory/task-thread';
import type { OpenFile, PackingWork } from './packing-thread';
import { readGoldenValues, readJudgedScores } from './read-rows';

/** For specs: the packing thread's work on the calling thread, through the same pipe. */
export const workHere: PackingWork = {
  judgedScores: async (ref, open) => readJudgedScores(ref, await piped(open)),
  goldenValues: async (draw, open) => readGoldenValues(draw, await piped(open)),
};

async function piped(open: OpenFile): Promise<BytePipeReader> {
  const pipe = new BytePipe(64 * 1024 * 1024);
  await pipe.pump(await open());
  return new BytePipeReader(pipe.shared);
}
