import { BadInputError, type Refusal } from '@factory/domain';
import { parseConnectionString } from './connection-string';
import { closeSource, connectSource } from './source-connection';
import { SourceReader } from './source-reader';
import { withSourceSlot } from './source-slots';
import type { SourcesFile } from './sources-file';
import type { SourceDefinition } from './sources-schema';
import { Statements, type Stopwatch } from './statements';

export interface SourceAccessOptions {
  /** Value of the variable that a source names as `connectionEnv`. */
  readonly variable: (name: string) => string | undefined;
  /** Stages of all processes that read one source at a time; default 2. */
  readonly sourceConcurrency?: number;
  /** Longest time of one statement in seconds; default 900. */
  readonly statementTimeoutSeconds?: number;
  /** Milliseconds, only forward; for the times in the sampling ledger. */
  readonly stopwatch?: Stopwatch;
}

/** What a stage needs of the sources. */
export interface SourceReading {
  read<T>(source: string, work: (reader: SourceReader) => Promise<T>, options?: ReadOptions): Promise<T>;
}

export interface ReadOptions {
  /** Ends waiting and reading; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Light reads, such as the list of products, need not wait for a slot; default true. */
  readonly slot?: boolean;
}

/** Opens the declared sources: a connection of its own for each piece of work. */
export class SourceAccess implements SourceReading {
  constructor(
    private readonly file: SourcesFile,
    private readonly options: SourceAccessOptions,
  ) {}

  /** @throws BadInputError `unknown-source` */
  definition(source: string): SourceDefinition {
    return this.file.source(source);
  }

  /** Names of the declared sources. */
  names(): string[] {
    return [...this.file.all().keys()];
  }

  /** Connection strings that are missing or cannot be read: for the faults at boot. */
  refusals(): Refusal[] {
    return [...this.file.all().values()].flatMap(({ connectionEnv }) => {
      try {
        parseConnectionString(connectionEnv, this.options.variable(connectionEnv));
        return [];
      } catch (thrown) {
        if (thrown instanceof BadInputError) return [thrown.refusal];
        throw thrown;
      }
    });
  }

  /**
   * Does `work` over a connection to the source, by default while holding one of its slots.
   *
   * @throws BadInputError `unknown-source`, `missing-connection`, `invalid-connection`
   * @throws SourceAwayError when the source cannot be read now
   */
  async read<T>(
    source: string,
    work: (reader: SourceReader) => Promise<T>,
    { signal, slot = true }: ReadOptions = {},
  ): Promise<T> {
    const definition = this.definition(source);
    const { stopwatch = () => performance.now(), sourceConcurrency = 2 } = this.options;
    const connection = await connectSource(definition, {
      connectionString: this.options.variable(definition.connectionEnv),
      statementTimeoutSeconds: this.options.statementTimeoutSeconds ?? 900,
    });
    const statements = () => new Statements(connection, definition, stopwatch, signal);
    const reading = () => work(new SourceReader(definition, statements()));
    try {
      return slot
        ? await withSourceSlot(statements(), source, sourceConcurrency, reading, signal)
        : await reading();
    } finally {
      await closeSource(connection);
    }
  }
}
