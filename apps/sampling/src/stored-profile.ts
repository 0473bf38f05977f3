import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches } from '@factory/dataset';
import { BadInputError } from '@factory/domain';
import { profileDataset } from '@factory/judgement';
import type { Profile } from '@factory/model';
import type { ByteSource, SizedSource } from '@factory/object-store';
import { PROFILED_MARKS } from './examine-dataset';

/** How often `profileStored` goes through a file. */
export const PASSES = 2;

export interface StoredDataset {
  readonly dataset: ArtefactRef;
  /** Exclusive end of the range of its run, milliseconds. */
  readonly end: number;
}

/**
 * The profile of a dataset in the store, as it arrives. Blocks while it waits for bytes, so it runs on a thread.
 *
 * @param source the file's verified bytes, as often as `PASSES` says
 * @throws BadInputError `no-rows`, `not-an-arrow-file`, `file-cut-off`
 */
export function profileStored({ dataset, end }: StoredDataset, source: ByteSource): Profile {
  const passes = function* () {
    const file = new OneFile(source, dataset);
    yield* readDatasetBatches(file);
    file.skipRest();
  };
  return profileDataset(passes, { marks: PROFILED_MARKS, end });
}

const SKIP_BYTES = 65_536;

/** The next file of several in one source. */
class OneFile implements SizedSource {
  left: number;

  constructor(
    private readonly source: ByteSource,
    private readonly file: ArtefactRef,
  ) {
    this.left = file.bytes;
  }

  fill(into: Uint8Array): void {
    const { key, bytes } = this.file;
    if (into.length <= this.left && this.source.read(into) === into.length) {
      this.left -= into.length;
      return;
    }
    throw new BadInputError('file-cut-off', {
      field: key,
      value: bytes,
      todo: 'write the file again: it ends in the middle',
    });
  }

  skipRest(): void {
    while (this.left > 0) this.fill(new Uint8Array(Math.min(SKIP_BYTES, this.left)));
  }
}
