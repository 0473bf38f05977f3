import type { ArtefactRef } from '@factory/contracts';
import type { GoldenRow } from '@factory/model';
import { PipedThread } from '@factory/task-thread';
import type { OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { packingTasks } from './packing-tasks';
import type { GoldenDraw, JudgedScores } from './read-rows';

/** Opens a verified file. */
export type OpenFile = () => Promise<Readable>;

/** Work of packing that needs a thread: the files with a row for each visit. */
export interface PackingWork {
  /** @throws ServerAwayError; see `readJudgedScores` */
  judgedScores(ref: ArtefactRef, open: OpenFile, signal?: AbortSignal): Promise<JudgedScores>;
  /** @throws ServerAwayError; see `readGoldenValues` */
  goldenValues(draw: GoldenDraw, open: OpenFile, signal?: AbortSignal): Promise<GoldenRow[]>;
}

/** The publisher's thread for whole files; `packing.worker.cjs` is next to the bundle. */
export class PackingThread implements PackingWork, OnApplicationShutdown {
  private readonly thread: PipedThread<typeof packingTasks>;

  constructor(file = join(__dirname, 'packing.worker.cjs')) {
    this.thread = new PipedThread(file);
  }

  judgedScores(ref: ArtefactRef, open: OpenFile, signal?: AbortSignal): Promise<JudgedScores> {
    return this.thread.run('readJudgedScores', ref, { open, count: ref.bytes }, signal);
  }

  goldenValues(draw: GoldenDraw, open: OpenFile, signal?: AbortSignal): Promise<GoldenRow[]> {
    const { bytes } = draw.dataset;
    return this.thread.run('readGoldenValues', draw, { open, count: bytes }, signal);
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }
}
