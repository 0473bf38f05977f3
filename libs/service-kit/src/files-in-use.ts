import { codeOf, messageOf } from '@factory/domain';
import type { WatchedState } from '@factory/source';
import type { Logger } from 'pino';
import type { Gauge } from 'prom-client';
import { collectWith } from './source-metrics';

/** How often mounted files are checked between uses. */
const LOOK_MS = 2_000;
/** Number of hash digits shown, enough to distinguish two contents. */
const SHOWN_DIGITS = 12;

/** One watched file, as shown by readiness. */
export interface FileInUse {
  readonly sha256: string | null;
  readonly since: string | null;
  /** Code of what is wrong with the content on disk. */
  readonly fault?: string;
}

/** A file that is watched for changes. */
export interface FileToWatch {
  /** As in logs, metrics and readiness: `sources`. */
  readonly name: string;
  readonly file: { refresh(): boolean; readonly state: WatchedState };
  /** The log line once its content is in use. */
  readonly inUse: () => string;
}

/** Looks at mounted files between uses, and tells which content of each is in use, and its fault. */
export class FilesInUse {
  private timer: NodeJS.Timeout | undefined;
  private readonly told = new Map<string, string>();

  constructor(
    private readonly files: readonly FileToWatch[],
    private readonly log: Logger,
  ) {}

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** For `/health/ready`. */
  describe(): Readonly<Record<string, FileInUse>> {
    return Object.fromEntries(this.files.map(({ name, file }) => [name, shown(file.state)]));
  }

  showIn(inUse: Gauge<'file' | 'sha256'>, faulty: Gauge<'file'>): void {
    collectWith(inUse, () => {
      inUse.reset();
      for (const { name, file } of this.files)
        if (file.state.sha256) inUse.set({ file: name, sha256: file.state.sha256.slice(0, SHOWN_DIGITS) }, 1);
    });
    collectWith(faulty, () => {
      for (const { name, file } of this.files) faulty.set({ file: name }, file.state.fault ? 1 : 0);
    });
  }

  private look(): void {
    for (const watched of this.files) {
      // A use of the file may have read the change before.
      watched.file.refresh();
      this.tell(watched);
    }
  }

  /** Logs each state once. */
  private tell({ name, file, inUse }: FileToWatch): void {
    const { path, sha256, fault } = file.state;
    const news = `${sha256 ?? ''} ${fault ? messageOf(fault) : ''}`;
    if (news === this.told.get(name)) return;
    this.told.set(name, news);
    const fields = { file: path, sha256 };
    if (fault && sha256 === null) {
      this.log.warn(fields, `${name}: waiting for a valid ${path}: ${messageOf(fault)}`);
    } else if (fault) {
      this.log.error(fields, `${name}: not all of ${path} is in use: ${messageOf(fault)}`);
    } else {
      this.log.info(fields, inUse());
    }
  }
}

function shown({ sha256, since, fault }: WatchedState): FileInUse {
  return {
    sha256: sha256?.slice(0, SHOWN_DIGITS) ?? null,
    since: since?.toISOString() ?? null,
    ...(fault ? { fault: codeOf(fault) } : {}),
  };
}
