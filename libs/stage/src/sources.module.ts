import type { SourceAwayError } from '@factory/domain';
import { SourceWaits } from '@factory/ledger';
import { lendSlot } from '@factory/messaging';
import {
  namedVariable,
  variable,
  wholeNumber,
  sourcesVariables,
  SourceMetrics,
  sourceMetricsProviders,
  SourcesInUse,
  sourcesInUseProviders,
  CONNECTIONS_FILE,
  LOGGER,
  SERVICE_CONFIG,
} from '@factory/service-kit';
import { ConnectionsFile, SOURCE_LIMITS, SourceAccess, SourcesFile } from '@factory/source';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { SourcePatience } from './source-patience';

/** Variables of services that read sources; each source names another variable for its connection string. */
export const sourceReadingVariables = {
  ...sourcesVariables,
  SOURCE_CONNECTIONS_FILE: variable(
    z.string().optional(),
    'connection strings of sources: a YAML file with lines NAME: mysql://..., or a folder with one file per name; reloaded when it changes; takes precedence over the environment',
  ),
  SOURCE_CONCURRENCY: variable(
    wholeNumber(1, 64).default(2),
    'maximum number of stages, over all processes, that read one source at the same time',
  ),
  SOURCE_STATEMENT_TIMEOUT_SECONDS: variable(
    wholeNumber(1, 86_400).default(900),
    'maximum time of one statement on a source, seconds',
  ),
  SOURCE_MAX_PRODUCTS: variable(
    wholeNumber(1, 10_000_000).default(SOURCE_LIMITS.products),
    'most active products of a source that one request may be for; a request for more is refused',
  ),
  SOURCE_MAX_COLUMNS: variable(
    wholeNumber(1, 1_000_000).default(SOURCE_LIMITS.columns),
    'most feature columns of a source; a run with more fails',
  ),
  SOURCE_MAX_ROWS: variable(
    wholeNumber(1, 100_000_000_000).default(SOURCE_LIMITS.rows),
    'most rows of a feature table that are read for the drawn visits, events included; a run with more fails',
  ),
  SOURCE_MAX_VALUE_CHARACTERS: variable(
    wholeNumber(64, 65_535).default(SOURCE_LIMITS.valueCharacters),
    'longest text of an id or a feature, characters; a longer one cannot be read (see `unreadable` in sources.yaml)',
  ),
  SOURCE_MAX_LEVELS: variable(
    wholeNumber(50, 100_000_000).default(SOURCE_LIMITS.levels),
    'most different texts of a feature; a run with more fails',
  ),
  CREDENTIALS_GRACE_SECONDS: variable(
    wholeNumber(0, 30 * 86_400).default(600),
    'how long runs and requests wait while their source refuses the account, seconds; then they fail',
  ),
};

type SourceReadingConfig = z.output<z.ZodObject<typeof sourceReadingVariables>> & {
  /** Pieces of work that the service does at the same time. */
  readonly CONCURRENCY: number;
};

/** Provides `SourceAccess` to services that read sources. */
@Global()
@Module({
  providers: [
    {
      provide: SourcesFile,
      inject: [SERVICE_CONFIG],
      useFactory: (values: SourceReadingConfig) => SourcesFile.watch(values.SOURCES_FILE),
    },
    {
      provide: CONNECTIONS_FILE,
      inject: [SERVICE_CONFIG],
      useFactory: ({ SOURCE_CONNECTIONS_FILE: path }: SourceReadingConfig) =>
        path === undefined ? undefined : new ConnectionsFile(path),
    },
    ...sourcesInUseProviders,
    {
      provide: SourceAccess,
      inject: [SourcesFile, { token: CONNECTIONS_FILE, optional: true }, SERVICE_CONFIG, LOGGER],
      useFactory: (
        file: SourcesFile,
        connections: ConnectionsFile | undefined,
        values: SourceReadingConfig,
        log: Logger,
      ) =>
        new SourceAccess(file, {
          variable: (name) => connections?.get(name) ?? namedVariable(name),
          sourceConcurrency: values.SOURCE_CONCURRENCY,
          statementTimeoutSeconds: values.SOURCE_STATEMENT_TIMEOUT_SECONDS,
          limits: {
            products: values.SOURCE_MAX_PRODUCTS,
            columns: values.SOURCE_MAX_COLUMNS,
            rows: values.SOURCE_MAX_ROWS,
            valueCharacters: values.SOURCE_MAX_VALUE_CHARACTERS,
            levels: values.SOURCE_MAX_LEVELS,
          },
          service: {
            slots: values.CONCURRENCY,
            onSilent: lendSlot,
            onChange: (source, fault) => tell(log, source, fault),
          },
        }),
    },
    {
      provide: SourceWaits,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new SourceWaits(dataSource),
    },
    {
      provide: SourcePatience,
      inject: [SourceAccess, SourceWaits, SERVICE_CONFIG],
      useFactory: (sources: SourceAccess, waits: SourceWaits, values: SourceReadingConfig) =>
        new SourcePatience(sources.gate, waits, values.CREDENTIALS_GRACE_SECONDS),
    },
    SourceMetrics,
    ...sourceMetricsProviders,
  ],
  exports: [SourceAccess, SourceWaits, SourcePatience, SourcesInUse],
})
export class SourcesModule {}

/** Once per change. A refused account is logged as an error: an operator has to act before the runs fail. */
function tell(log: Logger, source: string, fault: SourceAwayError | undefined): void {
  if (!fault) return log.info({ source }, `source ${source} is available again: its runs continue`);
  const fields = { source, code: fault.code, err: fault };
  if (fault.why === 'refused')
    log.error(fields, `source ${source} refuses the account, its runs wait and then fail: ${fault.message}`);
  else log.warn(fields, `source ${source} is unavailable, its runs wait: ${fault.message}`);
}
