import { BadInputError, messageOf } from '@factory/domain';
import { createHash } from 'node:crypto';

/** What is in use of something that is read from disk, for people who look. */
export interface WatchedState {
  readonly path: string;
  /** Of the content in use; null while nothing is. */
  readonly sha256: string | null;
  /** When that content was first used. */
  readonly since: Date | null;
  /** Why what is on disk now is not in use; null when it is. */
  readonly fault: Error | null;
}

export interface WatchedFileOptions<T> {
  /** File or folder. */
  readonly path: string;
  /** The whole content as one text; what it holds is never shown. */
  readonly readText: (path: string) => string;
  /** @throws when the content is not sound: then what was in use before stays in use */
  readonly parse: (text: string) => T;
  readonly now?: () => Date;
}

/**
 * A file whose content is taken over when it has changed and is sound; until then the content before it stays in use.
 * It is read at each look: such files are small, dates miss a change within the clock's grain, and Kubernetes replaces
 * what it mounts by moving a link.
 */
export class WatchedFile<T> {
  private inUse: { readonly value: T; readonly sha256: string; readonly since: Date } | undefined;
  private seen: string | undefined;
  private problem: Error | null = null;

  constructor(private readonly options: WatchedFileOptions<T>) {}

  /** Looks at the disk. @returns whether something else is in use, or wrong, than before */
  refresh(): boolean {
    const before = [this.inUse?.sha256, this.problem?.message];
    try {
      const text = this.options.readText(this.options.path);
      if (text !== this.seen) this.takeOver(text);
    } catch (thrown) {
      this.seen = undefined;
      this.problem = thrown as Error;
    }
    return before[0] !== this.inUse?.sha256 || before[1] !== this.problem?.message;
  }

  /** What is in use, after a look at the disk; undefined while nothing sound was there yet. */
  current(): T | undefined {
    this.refresh();
    return this.inUse?.value;
  }

  /** What is in use, without a look at the disk. */
  get used(): T | undefined {
    return this.inUse?.value;
  }

  private takeOver(text: string): void {
    const { parse, now = () => new Date() } = this.options;
    this.seen = text;
    try {
      const sha256 = createHash('sha256').update(text).digest('hex');
      if (sha256 !== this.inUse?.sha256) this.inUse = { value: parse(text), sha256, since: now() };
      this.problem = null;
    } catch (thrown) {
      this.problem = thrown as Error;
    }
  }

  get state(): WatchedState {
    const { sha256 = null, since = null } = this.inUse ?? {};
    return { path: this.options.path, sha256, since, fault: this.problem };
  }
}

/** The error for something that is not there or cannot be read. */
export function unreadableFile(code: string, field: string, path: string, cause: unknown): BadInputError {
  const todo = `point to one that can be read (${messageOf(cause)})`;
  return new BadInputError(code, { field, value: path, todo }, { cause });
}
