import { BadInputError, SourceAwayError, SourceWaitError, type Refusal } from '@factory/domain';
import { parseConnectionString } from '@factory/mysql';
import type { SourcesFile } from '../declaration/sources-file';
import type { SourceDefinition } from '../declaration/sources-schema';
import { SourceReader } from '../reading/source-reader';
import { SilenceWatch } from './silence-watch';
import { closeSource, connectSource, type SourceConnection } from './source-connection';
import { SourceGate } from './source-gate';
import type { SourceLimits } from './source-limits';
import { withSourceSlot } from './source-slots';
import { Statements, type Stopwatch } from './statements';

export interface SourceAccessOptions {
  /** Value of the variable that a source names as `connectionEnv`. */
  readonly variable: (name: string) => string | undefined;
  /** Maximum number of stages, over all processes, that read one source at the same time; default 2. */
  readonly sourceConcurrency?: number;
  /** Maximum time of one statement, seconds; default 900. */
  readonly statementTimeoutSeconds?: number;
  /** How much is read of a source. Default `SOURCE_LIMITS`. */
  readonly limits?: SourceLimits;
  /** Monotonic clock, milliseconds; for the times in the sampling ledger. */
  readonly stopwatch?: Stopwatch;
  /** For services: work that cannot be done now frees its slot. Absent: the reader waits. */
  readonly service?: {
    /** Pieces of work that the service does at the same time. */
    readonly slots: number;
    /** Called from within the work when it waits for a source that does not answer. */
    readonly onSilent?: () => void;
    /** Called when a source becomes unavailable, with the reason, and when it is available again. */
    readonly onChange?: (source: string, fault: SourceAwayError | undefined) => void;
  };
}

/** What a stage needs of the sources. */
export interface SourceReading {
  read<T>(source: string, work: (reader: SourceReader) => Promise<T>, options?: ReadOptions): Promise<T>;
}

export interface ReadOptions {
  /** Aborts waiting and reading; the promise is rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to wait for a slot; light reads, such as the list of products, need not; default true. */
  readonly slot?: boolean;
}

/** Maximum wait, in a slot of the service, for a slot of the source. */
const SLOT_PATIENCE_MS = 1_000;
const PROBE_MS = 5_000;
/** A connection that takes longer frees the service's slot for others. */
const LATE_MS = 1_000;
/** A list of products is short; waiting longer for it would block other requests. */
const LIGHT_STATEMENT_SECONDS = 60;

/** Opens the declared sources, with a separate connection for each piece of work. */
export class SourceAccess implements SourceReading {
  /** Which sources are available to this process; undefined outside services. */
  readonly gate: SourceGate | undefined;

  constructor(
    private readonly file: SourcesFile,
    private readonly options: SourceAccessOptions,
  ) {
    const { service } = options;
    this.gate =
      service &&
      new SourceGate({
        ...service,
        sourceConcurrency: options.sourceConcurrency ?? 2,
        probe: (source) => this.probe(source),
      });
  }

  /**
   * @throws BadInputError `unknown-source`
   * @throws SourceAwayError in a service, while sources.yaml has a fault: an unknown source may be in the file
   * once it is corrected
   */
  definition(source: string): SourceDefinition {
    try {
      return this.file.source(source);
    } catch (cause) {
      if (!this.gate || !this.file.state.fault) throw cause;
      const todo = `correct ${this.file.path}: work that waits for the source then continues`;
      throw new SourceAwayError(source, 'unreachable', { why: 'missing', cause, todo });
    }
  }

  /** Names of the declared sources. */
  names(): string[] {
    return [...this.file.all().keys()];
  }

  /** Connection strings that are missing or invalid: for the list of faults at startup. */
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
   * Runs `work` over a connection to the source, by default while occupying one of its slots.
   *
   * @throws BadInputError `unknown-source`, `missing-connection`, `invalid-connection`
   * @throws SourceAwayError when the source cannot be reached, or refuses the account
   * @throws SourceWaitError in a service, when the source is known to be unavailable or busy
   */
  async read<T>(
    source: string,
    work: (reader: SourceReader) => Promise<T>,
    { signal, slot = true }: ReadOptions = {},
  ): Promise<T> {
    const definition = this.definition(source);
    const leave = slot ? undefined : await this.gate?.enterLight(source);
    const { stopwatch = () => performance.now() } = this.options;
    const startedAt = performance.now();
    try {
      const limit = this.options.statementTimeoutSeconds ?? 900;
      const late = setTimeout(() => this.options.service?.onSilent?.(), LATE_MS);
      const seconds = slot ? limit : Math.min(limit, LIGHT_STATEMENT_SECONDS);
      const connection = await this.connect(definition, seconds).finally(() => clearTimeout(late));
      this.gate?.contacted(source);
      const watch = this.watch(source, connection);
      const signals = [signal, watch?.signal].filter((one) => one !== undefined);
      const ending = signals.length > 0 ? AbortSignal.any(signals) : undefined;
      const statements = () => new Statements(connection, definition, stopwatch, ending);
      const reading = () => work(new SourceReader(definition, statements(), this.options.limits));
      let gone = false;
      try {
        if (slot) return await this.inSlot(statements(), source, reading, ending);
        const result = await reading();
        this.gate?.succeeded(source, 'listing', performance.now() - startedAt);
        return result;
      } catch (error) {
        gone = error instanceof SourceAwayError;
        throw error;
      } finally {
        watch?.stop();
        if (gone) connection.abandon();
        else await closeSource(connection);
      }
    } catch (error) {
      this.tell(source, error, slot ? 'reading' : 'listing', startedAt, signal);
      throw error;
    } finally {
      leave?.();
    }
  }

  private async inSlot<T>(
    statements: Statements,
    source: string,
    work: () => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { gate } = this;
    const { sourceConcurrency = 2 } = this.options;
    return withSourceSlot(
      statements,
      source,
      sourceConcurrency,
      async () => {
        const startedAt = performance.now();
        const result = await work();
        gate?.succeeded(source, 'reading', performance.now() - startedAt);
        return result;
      },
      { signal, ...(gate ? { patienceMs: SLOT_PATIENCE_MS, full: () => gate.full(source) } : {}) },
    );
  }

  /** What an error says about the source: any error that the source did not cause shows that it answers. */
  private tell(
    source: string,
    error: unknown,
    kind: 'reading' | 'listing',
    startedAt: number,
    signal: AbortSignal | undefined,
  ): void {
    if (error instanceof SourceAwayError) this.gate?.failed(source, error);
    else if (!(error instanceof SourceWaitError) && !signal?.aborted)
      this.gate?.succeeded(source, kind, performance.now() - startedAt);
  }

  private connect(
    definition: SourceDefinition,
    statementTimeoutSeconds: number,
    connectTimeoutMs = 2 * PROBE_MS,
  ): Promise<SourceConnection> {
    const connectionString = this.options.variable(definition.connectionEnv);
    if (this.gate) this.requireConnection(definition, connectionString);
    return connectSource(definition, { connectionString, statementTimeoutSeconds, connectTimeoutMs });
  }

  /** A service may see a new source before the secret that is mounted for it: its work waits for a while. */
  private requireConnection(
    { name, connectionEnv }: SourceDefinition,
    connectionString: string | undefined,
  ): void {
    try {
      parseConnectionString(connectionEnv, connectionString);
    } catch (cause) {
      const todo = `set or correct ${connectionEnv}, in the environment or in SOURCE_CONNECTIONS_FILE`;
      throw new SourceAwayError(name, 'refused', { cause, why: 'unset', todo });
    }
  }

  private watch(source: string, { received }: SourceConnection): SilenceWatch | undefined {
    const { gate } = this;
    const { onSilent } = this.options.service ?? {};
    return (
      gate &&
      new SilenceWatch({
        received,
        ask: () => gate.ask(source),
        ...(onSilent ? { onSuspect: onSilent } : {}),
      })
    );
  }

  /** An invalid declaration is not a fault of the source: reading it will report the fault. */
  private async probe(source: string): Promise<SourceAwayError | undefined> {
    try {
      await closeSource(await this.connect(this.definition(source), 10, PROBE_MS));
      return undefined;
    } catch (error) {
      return error instanceof SourceAwayError ? error : undefined;
    }
  }
}
