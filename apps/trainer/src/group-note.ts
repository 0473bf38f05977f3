import type { Claim } from '@factory/ledger';

/** A trial that ended so many processes is not tried again. */
const CRASHES_TO_SKIP = 2;

/** Left in the ledger while a group is worked on, for whoever takes over after a native crash. */
export interface GroupNote {
  /** Trials that were running when the note was written. */
  readonly inHand: readonly number[];
  /** How many processes ended while a trial ran. */
  readonly crashes: Readonly<Record<string, number>>;
}

/** The note of an earlier claim. One that gave the work back took its trials out of hand, but what crashed stays. */
export function noteLeftBehind({
  note,
  afterExpiry,
}: Pick<Claim, 'note' | 'afterExpiry'>): GroupNote | undefined {
  const left = note as GroupNote | null;
  if (!left) return undefined;
  return afterExpiry ? left : { inHand: [], crashes: left.crashes };
}

/**
 * Which trials of a group run, told to the ledger before each starts and after each ends: a process that dies names
 * them that way. A crash does not say which of several trials caused it, so all of them are suspects and run alone
 * from then on: a second crash names exactly one.
 */
export class TrialsInHand {
  private readonly inHand = new Set<number>();
  private readonly crashes: Record<string, number>;
  private written: Promise<void> = Promise.resolve();

  /** @param leftBehind what an earlier claim noted; trials in progress only if its process died with them */
  constructor(
    private readonly leftBehind: GroupNote | undefined,
    private readonly writeNote: (note: GroupNote) => Promise<void>,
  ) {
    this.crashes = { ...leftBehind?.crashes };
    for (const trial of leftBehind?.inHand ?? []) this.crashes[trial] = this.crashesOf(trial) + 1;
  }

  /** Before anything else: a process that dies before its first trial must not count against the last one's. */
  async begin(): Promise<void> {
    if (this.leftBehind && this.leftBehind.inHand.length > 0) await this.note();
  }

  /** Call before the trial starts. @throws ServerAwayError: do not start it, a crash would find no name */
  take(trial: number): Promise<void> {
    this.inHand.add(trial);
    return this.note();
  }

  /** Call when the trial has ended or pauses, before anything else starts in its place. */
  putDown(trial: number): Promise<void> {
    this.inHand.delete(trial);
    return this.note();
  }

  /** Processes that ended while it ran. */
  crashesOf(trial: number): number {
    return this.crashes[trial] ?? 0;
  }

  /** It may have ended a process: nothing may run beside it. */
  isSuspect(trial: number): boolean {
    return this.crashesOf(trial) > 0;
  }

  isCrashed(trial: number): boolean {
    return this.crashesOf(trial) >= CRASHES_TO_SKIP;
  }

  /** One after the other, each with what is in progress by then: notes that overtake each other would lose a trial. */
  private note(): Promise<void> {
    this.written = this.written.then(() =>
      this.writeNote({ inHand: [...this.inHand], crashes: this.crashes }),
    );
    return this.written;
  }
}
