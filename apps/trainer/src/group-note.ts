import type { Claim } from '@factory/ledger';

/** A trial that crashed this many processes is not tried again. */
const CRASHES_TO_SKIP = 2;

/** Stored in the ledger while a group is in progress, for the process that takes over after a native crash. */
export interface GroupNote {
  /** Trials that were running when the note was written. */
  readonly inHand: readonly number[];
  /** How many processes crashed while a trial ran. */
  readonly crashes: Readonly<Record<string, number>>;
}

/**
 * The note of an earlier claim. If that claim returned the work, none of its trials was running, but the crash
 * counts remain.
 */
export function noteLeftBehind({
  note,
  afterExpiry,
}: Pick<Claim, 'note' | 'afterExpiry'>): GroupNote | undefined {
  const left = note as GroupNote | null;
  if (!left) return undefined;
  return afterExpiry ? left : { inHand: [], crashes: left.crashes };
}

/**
 * Records in the ledger which trials of a group are running, before each starts and after each ends, so that they
 * are known after a crash of the process. A crash does not show which of several trials caused it, so all of them
 * are suspects and run alone from then on: a second crash identifies exactly one.
 */
export class TrialsInHand {
  private readonly inHand = new Set<number>();
  private readonly crashes: Record<string, number>;
  private written: Promise<void> = Promise.resolve();

  /** @param leftBehind the note of an earlier claim; contains trials in progress only if its process died with them */
  constructor(
    private readonly leftBehind: GroupNote | undefined,
    private readonly writeNote: (note: GroupNote) => Promise<void>,
  ) {
    this.crashes = { ...leftBehind?.crashes };
    for (const trial of leftBehind?.inHand ?? []) this.crashes[trial] = this.crashesOf(trial) + 1;
  }

  /**
   * Call first: a process that dies before its first trial must not count against the trials of the previous
   * process.
   */
  async begin(): Promise<void> {
    if (this.leftBehind && this.leftBehind.inHand.length > 0) await this.note();
  }

  /** Call before the trial starts. @throws ServerAwayError: do not start it, because a crash could not be attributed */
  take(trial: number): Promise<void> {
    this.inHand.add(trial);
    return this.note();
  }

  /** Call when the trial has ended or paused, before anything else starts in its place. */
  putDown(trial: number): Promise<void> {
    this.inHand.delete(trial);
    return this.note();
  }

  /** Processes that crashed while it ran. */
  crashesOf(trial: number): number {
    return this.crashes[trial] ?? 0;
  }

  /** It may have crashed a process: nothing else may run at the same time. */
  isSuspect(trial: number): boolean {
    return this.crashesOf(trial) > 0;
  }

  isCrashed(trial: number): boolean {
    return this.crashesOf(trial) >= CRASHES_TO_SKIP;
  }

  /** Written one after the other, each with the trials then in progress: notes out of order would lose a trial. */
  private note(): Promise<void> {
    this.written = this.written.then(() =>
      this.writeNote({ inHand: [...this.inHand], crashes: this.crashes }),
    );
    return this.written;
  }
}
