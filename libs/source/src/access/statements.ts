import { FactoryError, messageOf } from '@factory/domain';
import type { SqlText } from '@factory/mysql';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { InsertBatch } from '../queries/drawn-visits';
import { loggedParameters, type Query, type RanQuery } from '../queries/query';
import { sourceError, type SourceConnection } from './source-connection';
import { streamRows, type Protocol } from './stream-rows';

/** A monotonic clock, milliseconds. */
export type Stopwatch = () => number;

/** Runs prepared statements on one connection, one after the other, and records them. */
export class Statements {
  private readonly log: RanQuery[] = [];

  constructor(
    private readonly connection: SourceConnection,
    private readonly definition: SourceDefinition,
    private readonly stopwatch: Stopwatch,
    private readonly signal?: AbortSignal,
  ) {}

  /** All statements that ran, in order. */
  get ran(): readonly RanQuery[] {
    return this.log;
  }

  /** All rows of a query with a small result, each parsed by its schema. */
  async all<Row>(query: Query<Row>): Promise<Row[]> {
    const rows: Row[] = [];
    await this.execute(query.name, query.sql, (row) => rows.push(parseRow(query, row)));
    return rows;
  }

  /** The only row of a query that always has one. */
  async one<Row>(query: Query<Row>): Promise<Row> {
    const [row] = await this.all(query);
    if (row !== undefined) return row;
    throw new FactoryError('source-statement-failed', `statement ${query.name} returned no row`, false);
  }

  /**
   * Passes on rows as they arrive, without buffering. Only the first row is parsed by the schema: `onRow`
   * checks what may differ from row to row, such as values that are NULL or cannot be read.
   *
   * @returns number of rows
   */
  stream<Row>(query: Query<Row>, onRow: (row: Row) => void): Promise<number> {
    let first = true;
    return this.execute(query.name, query.sql, (row) => {
      if (first) parseRow(query, row);
      first = false;
      onRow(row as Row);
    });
  }

  /** A statement without a result. */
  async run(name: string, statement: SqlText, protocol?: Protocol): Promise<void> {
    await this.execute(name, statement, () => undefined, protocol);
  }

  /** As `run`, for a statement repeated many times: it is recorded once, with its rows added up. */
  async runBatches(name: string, batches: Iterable<InsertBatch>): Promise<void> {
    const started = this.stopwatch();
    let total = 0;
    let text = '';
    for (const { before, statement, rows } of batches) {
      if (text === '') text = statement.text;
      await this.send(name, before, () => undefined);
      await this.send(name, statement, () => undefined);
      total += rows;
    }
    this.remember({ name, sql: text, parameters: [], rows: total, seconds: this.since(started) });
  }

  private async execute(
    name: string,
    statement: SqlText,
    onRow: (row: unknown[]) => void,
    protocol?: Protocol,
  ): Promise<number> {
    const started = this.stopwatch();
    const rows = await this.send(name, statement, onRow, protocol);
    const parameters = loggedParameters(statement.values);
    this.remember({ name, sql: statement.text, parameters, rows, seconds: this.since(started) });
    return rows;
  }

  private async send(
    name: string,
    statement: SqlText,
    onRow: (row: unknown[]) => void,
    protocol: Protocol = 'binary',
  ): Promise<number> {
    try {
      return await streamRows(this.connection, statement, onRow, { signal: this.signal, protocol });
    } catch (cause) {
      if (this.signal?.aborted) throw this.signal.reason;
      throw sourceError(this.definition, name, cause);
    }
  }

  private remember(ran: RanQuery): void {
    this.log.push(ran);
  }

  private since(started: number): number {
    return (this.stopwatch() - started) / 1_000;
  }
}

function parseRow<Row>(query: Query<Row>, row: unknown): Row {
  const parsed = query.row.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new FactoryError(
    'source-row-unexpected',
    `statement ${query.name} returned a row of another shape: ${messageOf(parsed.error)}`,
    false,
  );
}
