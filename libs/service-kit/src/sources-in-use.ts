import { ServerAwayError, FactoryError, messageOf } from '@factory/domain';
import { SourcesFile, type ConnectionsFile, type WatchedState } from '@factory/source';
import {
  Inject,
  Injectable,
  Optional,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Logger } from 'pino';
import type { Gauge } from 'prom-client';
import { collectWith } from './source-metrics';
import { CONNECTIONS_FILE, LOGGER } from './tokens';

/** How often mounted files are checked between uses. */
const LOOK_MS = 2_000;
const IN_USE = 'factory_sources_in_use';
const FAULTY = 'factory_sources_file_faulty';

/** Number of hash digits shown, enough to distinguish two contents. */
const SHOWN_DIGITS = 12;

/** One watched file, as shown by readiness. */
interface FileInUse {
  readonly path: string;
  readonly sha256: string | null;
  readonly since: string | null;
  readonly fault?: string;
}

/** Declarations and connection strings that this process uses: checks, logs and shows them. */
@Injectable()
export class SourcesInUse implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private readonly told = new Map<string, string>();
  private readonly watched: readonly (readonly [name: string, file: SourcesFile | ConnectionsFile])[];

  constructor(
    private readonly sources: SourcesFile,
    @Optional() @Inject(CONNECTIONS_FILE) connections: ConnectionsFile | undefined,
    @Inject(LOGGER) private readonly log: Logger,
    @InjectMetric(IN_USE) private readonly inUse: Gauge<'file' | 'sha256'>,
    @InjectMetric(FAULTY) private readonly faulty: Gauge<'file'>,
  ) {
    this.watched = [
      ['sources', sources] as const,
      ...(connections ? [['connections', connections] as const] : []),
    ];
  }

  onApplicationBootstrap(): void {
    this.showInMetrics();
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * Without any declared source nothing can be done: requests would be refused although their source may be
   * declared a moment later.
   *
   * @throws ServerAwayError `source-away`
   */
  requireAny(): void {
    if (this.sources.all().size > 0) return;
    const { path, fault } = this.sources.state;
    const why = fault ? messageOf(fault) : 'it declares none';
    throw new ServerAwayError('source', {
      cause: new FactoryError('no-sources', `no source is declared yet in ${path}: ${why}`, true),
    });
  }

  /** For `/health/ready`. */
  describe(): { readonly declared: readonly string[] } & Readonly<
    Record<string, FileInUse | readonly string[]>
  > {
    return {
      declared: [...this.sources.all().keys()],
      ...Object.fromEntries(this.watched.map(([name, file]) => [name, shown(file.state)])),
    };
  }

  private look(): void {
    for (const [name, file] of this.watched) {
      // A use of the file may have read the change before.
      file.refresh();
      this.tell(name, file.state);
    }
  }

  /** Logs each state once. */
  private tell(name: string, { path, sha256, fault }: WatchedState): void {
    const news = `${sha256 ?? ''} ${fault ? messageOf(fault) : ''}`;
    if (news === this.told.get(name)) return;
    this.told.set(name, news);
    const fields = { file: path, sha256 };
    if (fault && sha256 === null) {
      this.log.warn(fields, `${name}: waiting for a valid ${path}: ${messageOf(fault)}`);
    } else if (fault) {
      this.log.error(fields, `${name}: not all of ${path} is in use: ${messageOf(fault)}`);
    } else {
      const declared = [...this.sources.all().keys()].join(', ');
      this.log.info(
        fields,
        name === 'sources' ? `sources in use: ${declared}` : `connections in use: ${path}`,
      );
    }
  }

  private showInMetrics(): void {
    collectWith(this.inUse, () => {
      this.inUse.reset();
      for (const [file, { state }] of this.watched)
        if (state.sha256) this.inUse.set({ file, sha256: state.sha256.slice(0, SHOWN_DIGITS) }, 1);
    });
    collectWith(this.faulty, () => {
      for (const [file, { state }] of this.watched) this.faulty.set({ file }, state.fault ? 1 : 0);
    });
  }
}

function shown({ path, sha256, since, fault }: WatchedState): FileInUse {
  return {
    path,
    sha256: sha256?.slice(0, SHOWN_DIGITS) ?? null,
    since: since?.toISOString() ?? null,
    ...(fault ? { fault: messageOf(fault) } : {}),
  };
}

export const sourcesInUseProviders = [
  SourcesInUse,
  makeGaugeProvider({
    name: IN_USE,
    help: '1 for the content in use of sources and connections, by its hash',
    labelNames: ['file', 'sha256'],
  }),
  makeGaugeProvider({
    name: FAULTY,
    help: '1 while the content on disk is not, or not fully, in use because of a fault',
    labelNames: ['file'],
  }),
];
