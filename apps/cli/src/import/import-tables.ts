import { escape } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { BadInputError } from '@factory/domain';
import { BulkInsert, identifier } from '@factory/sql';
import type { FeatureColumn } from './column-kinds';

const PARTS = ['product', 'visit', 'goal', 'feature'] as const;
type Part = (typeof PARTS)[number];

/** Widths of text columns: as few as possible, so that one width holds what later imports bring. */
const SHORT_TEXT = 64;
const LONG_TEXT = 255;

const KEY = 'visit_id VARCHAR(64) NOT NULL PRIMARY KEY';
const OWN_COLUMNS: Readonly<Record<Exclude<Part, 'feature'>, string>> = {
  product: 'product_id INT NOT NULL PRIMARY KEY, is_active TINYINT(1) NOT NULL, name VARCHAR(255) NOT NULL',
  visit: `${KEY}, product_id INT NOT NULL, visitor_id VARCHAR(64) NOT NULL, visit_time DATETIME NOT NULL,
    INDEX ix_product_time (product_id, visit_time)`,
  goal: `${KEY}, goal_time DATETIME NOT NULL`,
};

/** The tables of an imported source, `<source>_<part>`, and their successors while an import fills them. */
export class ImportTables {
  readonly product: BulkInsert;
  readonly visit: BulkInsert;
  readonly goal: BulkInsert;
  readonly feature: BulkInsert;

  /** @param word the source's name with underscores */
  constructor(
    private readonly connection: Connection,
    private readonly word: string,
    private readonly features: readonly FeatureColumn[],
  ) {
    const into = (part: Part, columns: readonly string[]) =>
      new BulkInsert(connection, this.staging(part), columns);
    this.product = into('product', ['product_id', 'is_active', 'name']);
    this.visit = into('visit', ['visit_id', 'product_id', 'visitor_id', 'visit_time']);
    this.goal = into('goal', ['visit_id', 'goal_time']);
    this.feature = into('feature', ['visit_id', ...features.map(({ name }) => name)]);
  }

  /**
   * Makes empty successors of the tables and copies into them what other products of the source have.
   *
   * @throws BadInputError `columns-differ` when those have other columns
   */
  async begin(product: number): Promise<void> {
    await this.drop();
    const others = await this.hasOtherProducts(product);
    const before = others ? await this.storedFeatures() : new Map<string, StoredColumn>();
    if (others) this.checkColumns(before);
    for (const part of PARTS) {
      const columns = part === 'feature' ? this.featureColumns(before) : OWN_COLUMNS[part];
      await this.connection.query(
        `CREATE TABLE ${this.quoted(this.staging(part))} (${columns})
         ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
      );
    }
    if (others) for (const part of PARTS) await this.copyOthers(part, product);
  }

  get inserts(): readonly BulkInsert[] {
    return [this.product, this.visit, this.goal, this.feature];
  }

  /** Puts the successors in the place of the tables, all at once: no reader sees half an import. */
  async swap(): Promise<void> {
    const renames: string[] = [];
    const gone: string[] = [];
    for (const part of PARTS) {
      const [table, staging, former] = [this.table(part), this.staging(part), `${this.table(part)}__former`];
      if (await this.exists(table)) {
        await this.connection.query(`DROP TABLE IF EXISTS ${this.quoted(former)}`);
        renames.push(`${this.quoted(table)} TO ${this.quoted(former)}`);
        gone.push(former);
      }
      renames.push(`${this.quoted(staging)} TO ${this.quoted(table)}`);
    }
    await this.connection.query(`RENAME TABLE ${renames.join(', ')}`);
    for (const former of gone) await this.connection.query(`DROP TABLE ${this.quoted(former)}`);
  }

  /** Removes unfinished successors. */
  async drop(): Promise<void> {
    for (const part of PARTS) {
      await this.connection.query(`DROP TABLE IF EXISTS ${this.quoted(this.staging(part))}`);
    }
  }

  private async hasOtherProducts(product: number): Promise<boolean> {
    if (!(await this.exists(this.table('product')))) return false;
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT 1 FROM ${this.quoted(this.table('product'))} WHERE product_id <> ? LIMIT 1`,
      [product],
    );
    return rows.length > 0;
  }

  private async copyOthers(part: Part, product: number): Promise<void> {
    const columns =
      part === 'feature'
        ? ['visit_id', ...this.features.map(({ name }) => name)].map((name) => `f.${this.quoted(name)}`)
        : ['f.*'];
    const into = part === 'feature' ? `(${columns.map((one) => one.slice(2)).join(', ')})` : '';
    const join =
      part === 'goal' || part === 'feature'
        ? `JOIN ${this.quoted(this.table('visit'))} v USING (visit_id)`
        : '';
    // Nothing bound: the driver would take a question mark in a column's name for a place of a value.
    await this.connection.query(
      `INSERT INTO ${this.quoted(this.staging(part))} ${into}
       SELECT ${columns.join(', ')} FROM ${this.quoted(this.table(part))} f ${join}
       WHERE ${join ? 'v' : 'f'}.product_id <> ${escape(product)}`,
    );
  }

  private async storedFeatures(): Promise<Map<string, StoredColumn>> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0) AS longest
       FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME <> 'visit_id'`,
      [this.table('feature')],
    );
    return new Map(
      rows.map((row) => [
        String(row['name']),
        { kind: row['type'] === 'double' ? 'number' : 'category', longest: Number(row['longest']) },
      ]),
    );
  }

  private checkColumns(before: ReadonlyMap<string, StoredColumn>): void {
    const differing = [
      ...[...before.keys()].filter((name) => !this.features.some((one) => one.name === name)),
      ...this.features.filter(({ name, kind }) => before.get(name)?.kind !== kind).map(({ name }) => name),
    ];
    if (differing.length === 0) return;
    throw new BadInputError('columns-differ', {
      field: `columns of source ${this.word}`,
      value: differing,
      todo:
        'give the product a source of its own, or the same columns of the same kinds as the products already ' +
        'there (--exclude, --category, --number)',
    });
  }

  private featureColumns(before: ReadonlyMap<string, StoredColumn>): string {
    const columns = this.features.map(({ name, kind, longest }) => {
      const width = Math.max(longest, before.get(name)?.longest ?? 0);
      return `${this.quoted(name)} ${kind === 'number' ? 'DOUBLE' : textType(width)} NULL`;
    });
    return [KEY, ...columns].join(', ');
  }

  private async exists(table: string): Promise<boolean> {
    const [rows] = await this.connection.query<RowDataPacket[]>(
      'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
      [table],
    );
    return rows.length > 0;
  }

  private table(part: Part): string {
    return `${this.word}_${part}`;
  }

  private staging(part: Part): string {
    return `${this.table(part)}__import`;
  }

  private quoted(name: string): string {
    return identifier(name).text;
  }
}

interface StoredColumn {
  readonly kind: FeatureColumn['kind'];
  readonly longest: number;
}

/** Text beyond a category's length is free text: the factory drops it by its type (RULES R4). */
function textType(longest: number): string {
  if (longest <= SHORT_TEXT) return `VARCHAR(${SHORT_TEXT})`;
  return longest <= LONG_TEXT ? `VARCHAR(${LONG_TEXT})` : 'TEXT';
}
