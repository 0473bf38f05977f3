import { SourceAccess, SourcesFile } from '@factory/sql';
import { Global, Module } from '@nestjs/common';
import type { z } from 'zod';
import { variable, wholeNumber } from './config';
import { sourcesVariables } from './service-config';
import { SERVICE_CONFIG } from './tokens';

/** Variables of services that read sources; each source names a further one for its connection string. */
export const sourceReadingVariables = {
  ...sourcesVariables,
  SOURCE_CONCURRENCY: variable(
    wholeNumber(1, 64).default(2),
    'stages of all processes that read one source at a time',
  ),
  SOURCE_STATEMENT_TIMEOUT_SECONDS: variable(
    wholeNumber(1, 86_400).default(900),
    'longest time of one statement on a source',
  ),
};

type SourceReadingConfig = z.output<z.ZodObject<typeof sourceReadingVariables>>;

/** Gives `SourceAccess` to services that read sources. */
@Global()
@Module({
  providers: [
    {
      provide: SourceAccess,
      inject: [SERVICE_CONFIG],
      useFactory: (values: SourceReadingConfig) =>
        new SourceAccess(SourcesFile.load(values.SOURCES_FILE), {
          variable: (name) => process.env[name],
          sourceConcurrency: values.SOURCE_CONCURRENCY,
          statementTimeoutSeconds: values.SOURCE_STATEMENT_TIMEOUT_SECONDS,
        }),
    },
  ],
  exports: [SourceAccess],
})
export class SourcesModule {}
