import { BadInputError, messageOf } from '@factory/domain';
import { createHash } from 'node:crypto';

/** Which content of a watched file is in use, for display. */
export interface WatchedState {
  readonly path: string;
  /** Of the content in use; null if there is none. */
  readonly sha256: string | null;
  /** When that content was first used. */
  readonly since: Date | null;
  /** Why the content on disk is not in use; null if it is. */
  readonly fault: Error | null;
}

export interface WatchedFileOptions<T> {
  /** File or folder. */
  readonly path: string;
  /** The whole content as one text; it is never shown. */
  readonly readText: (path: string) => string;
  /** @throws if the content is invalid: then the previous content stays in use */
  readonly parse: (text: string) => T;
  readonly now?: () => Date;
}

/**
 * A file whose content is reloaded when it has changed and is valid; otherwise the previous content stays in
 * use. It is read at each check: such files are small, modification times miss changes within the clock's
 * resolution, and Kubernetes replaces mounted files by moving a link.
 */
export class WatchedFile<T> {
  private inUse: { readonly value: T; readonly sha256: string; readonly since: Date } | undefined;
  private seen: string | undefined;
  private problem: Error | null = null;

  constructor(private readonly options: WatchedFileOptions<T>) {}

  /** Reads the disk. @returns whether the content in use or its fault has changed */
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

  /** The content in use, after reading the disk; undefined until there is valid content. */
  current(): T | undefined {
    this.refresh();
    return this.inUse?.value;
  }

  /** The content in use, without reading the disk. */
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

/** The error for a file that does not exist or cannot be read. */
export function unreadableFile(code: string, field: string, path: string, cause: unknown): BadInputError {
  const todo = `point to one that can be read (${messageOf(cause)})`;
  return new BadInputError(code, { field, value: path, todo }, { cause });
}
