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

/** How often files that are mounted are looked at between uses. */
const LOOK_MS = 2_000;
const IN_USE = 'factory_sources_in_use';
const FAULTY = 'factory_sources_file_faulty';

/** Digits of a hash that tell two contents apart for people. */
const SHOWN_DIGITS = 12;

/** One watched file as readiness shows it. */
interface FileInUse {
  readonly path: string;
  readonly sha256: string | null;
  readonly since: string | null;
  readonly fault?: string;
}

/** Declarations and connection strings that this process works with: looked at, logged, and shown. */
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
   * Nothing can be done while no source is declared: requests would be refused for a source that comes a moment later.
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
      // A use of the file may have seen the change before.
      file.refresh();
      this.tell(name, file.state);
    }
  }

  /** Each state once. */
  private tell(name: string, { path, sha256, fault }: WatchedState): void {
    const news = `${sha256 ?? ''} ${fault ? messageOf(fault) : ''}`;
    if (news === this.told.get(name)) return;
    this.told.set(name, news);
    const fields = { file: path, sha256 };
    if (fault && sha256 === null) {
      this.log.warn(fields, `${name}: waiting for a sound ${path}: ${messageOf(fault)}`);
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
    help: '1 while what is on disk is not, or not all, in use because of a fault in it',
    labelNames: ['file'],
  }),
];
