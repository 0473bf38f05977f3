import { escape } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { identifier } from './sql-text';

const FLUSH_CHARACTERS = 1_000_000;

/**
 * Collects rows of one table and sends them as large multi-row inserts, while the next ones are generated.
 * (LOAD DATA LOCAL INFILE is disabled by default in MySQL 8.)
 */
export class BulkInsert {
  private readonly head: string;
  private texts: string[] = [];
  private characters = 0;
  private inFlight: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: Pick<Connection, 'query'>,
    table: string,
    columns: readonly string[],
  ) {
    this.head = `INSERT INTO ${identifier(table).text} (${columns.map((name) => identifier(name).text).join(', ')}) VALUES `;
  }

  add(row: readonly (number | string | null)[]): void {
    const text = `(${row.map((value) => (typeof value === 'number' ? value : escape(value))).join(',')})`;
    this.texts.push(text);
    this.characters += text.length;
  }

  /** Whether it is time to await `send`. */
  get isFull(): boolean {
    return this.characters >= FLUSH_CHARACTERS;
  }

  /** Waits for the previous batch, then sends the collected rows without waiting. */
  async send(): Promise<void> {
    await this.inFlight;
    if (this.texts.length === 0) return;
    this.inFlight = this.connection.query(this.head + this.texts.join(','));
    // Awaited by the next call; until then a failure must not end the process as unhandled.
    this.inFlight.catch(() => undefined);
    this.texts = [];
    this.characters = 0;
  }

  /** Sends the rest and waits until everything is stored. */
  async finish(): Promise<void> {
    await this.send();
    await this.inFlight;
  }
}
