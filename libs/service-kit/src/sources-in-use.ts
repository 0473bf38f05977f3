import { ServerAwayError, FactoryError, messageOf } from '@factory/domain';
import { SourcesFile, type ConnectionsFile } from '@factory/source';
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
import { FilesInUse, type FileInUse } from './files-in-use';
import { CONNECTIONS_FILE, LOGGER } from './tokens';

const IN_USE = 'factory_sources_in_use';
const FAULTY = 'factory_sources_file_faulty';

/** Declarations and connection strings that this process uses: checks, logs and shows them. */
@Injectable()
export class SourcesInUse implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly files: FilesInUse;

  constructor(
    private readonly sources: SourcesFile,
    @Optional() @Inject(CONNECTIONS_FILE) connections: ConnectionsFile | undefined,
    @Inject(LOGGER) log: Logger,
    @InjectMetric(IN_USE) private readonly inUse: Gauge<'file' | 'sha256'>,
    @InjectMetric(FAULTY) private readonly faulty: Gauge<'file'>,
  ) {
    const declared = (): string => `sources in use: ${[...sources.all().keys()].join(', ')}`;
    this.files = new FilesInUse(
      [
        { name: 'sources', file: sources, inUse: declared },
        ...(connections
          ? [
              {
                name: 'connections',
                file: connections,
                inUse: () => `connections in use: ${connections.state.path}`,
              },
            ]
          : []),
      ],
      log,
    );
  }

  onApplicationBootstrap(): void {
    this.files.showIn(this.inUse, this.faulty);
    this.files.start();
  }

  onApplicationShutdown(): void {
    this.files.stop();
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
    return { declared: [...this.sources.all().keys()], ...this.files.describe() };
  }
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
