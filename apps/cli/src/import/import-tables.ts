import { BadInputError } from '@factory/domain';
import { BulkInsert, identifier } from '@factory/mysql';
import { escape } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { splitFeatures, textType } from './feature-tables';
import type { FeatureColumn } from './file-columns';

const KEY = 'visit_id VARCHAR(64) NOT NULL PRIMARY KEY';
const PRODUCT =
  'product_id INT NOT NULL PRIMARY KEY, is_active TINYINT(1) NOT NULL, name VARCHAR(255) NOT NULL';
const VISIT = `${KEY}, product_id INT NOT NULL, visitor_id VARCHAR(64) NOT NULL, visit_time DATETIME NOT NULL,
    INDEX ix_product_time (product_id, visit_time)`;
const GOAL = `${KEY}, goal_time DATETIME NOT NULL`;

/** What an imported source's tables are called: `<source>_visit`, `<source>_feature`, `<source>_feature_2` and so on. */
export function numbered(word: string, part: 'goal' | 'feature', at: number): string {
  return at === 0 ? `${word}_${part}` : `${word}_${part}_${at + 1}`;
}

interface Part {
  readonly table: string;
  readonly kind: 'product' | 'visit' | 'goal' | 'feature';
  readonly columns: readonly string[];
  readonly insert: BulkInsert;
  /** Columns of a feature table. */
  readonly features: readonly FeatureColumn[];
}

/** The tables of an imported source, and their replacements while an import fills them. */
export class ImportTables {
  readonly product: BulkInsert;
  readonly visit: BulkInsert;
  /** One per goal. */
  readonly goals: readonly BulkInsert[];
  /** Features are in several tables if there are too many for one. */
  readonly features: readonly { readonly insert: BulkInsert; readonly from: number; readonly to: number }[];
  private readonly parts: readonly Part[];

  /** @param word the source's name with underscores */
  constructor(
    private readonly connection: Connection,
    private readonly word: string,
    goals: number,
    private readonly featureColumns: readonly FeatureColumn[],
  ) {
    const part = (
      table: string,
      kind: Part['kind'],
      columns: readonly string[],
      features: readonly FeatureColumn[] = [],
    ) => ({
      ...{ table, kind, columns, features },
      insert: new BulkInsert(connection, staging(table), columns),
    });
    const product = part(`${word}_product`, 'product', ['product_id', 'is_active', 'name']);
    const visit = part(`${word}_visit`, 'visit', ['visit_id', 'product_id', 'visitor_id', 'visit_time']);
    const goalParts = Array.from({ length: goals }, (_, at) =>
      part(numbered(word, 'goal', at), 'goal', ['visit_id', 'goal_time']),
    );
    const groups = splitFeatures(featureColumns);
    const featureParts = groups.map((features, at) =>
      part(
        numbered(word, 'feature', at),
        'feature',
        ['visit_id', ...features.map(({ name }) => name)],
        features,
      ),
    );
    let from = 0;
    this.features = featureParts.map(({ insert, features }) => ({
      insert,
      from,
      to: (from += features.length),
    }));
    this.product = product.insert;
    this.visit = visit.insert;
    this.goals = goalParts.map(({ insert }) => insert);
    this.parts = [product, visit, ...goalParts, ...featureParts];
  }

  /** Names of the feature tables. */
  get featureTables(): string[] {
    return this.parts.filter(({ kind }) => kind === 'feature').map(({ table }) => table);
  }

  /**
   * Creates empty replacements of the tables and copies the rows of the source's other products into them.
   *
   * @param checkOthers throws if those are not compatible with the import
   * @throws BadInputError `columns-differ` if those have other columns
   */
  async begin(product: number, checkOthers: () => void): Promise<void> {
    await this.drop();
    const others = await this.hasOtherProducts(product);
    const before = others ? await this.storedFeatures() : new Map<string, StoredColumn>();
    if (others) {
      this.checkColumns(before);
      checkOthers();
    }
    for (const part of this.parts) {
      await this.connection.query(
        `CREATE TABLE ${quoted(staging(part.table))} (${definition(part, before)})
         ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
      );
    }
    if (others) for (const part of this.parts) await this.copyOthers(part, product, before);
  }

  get inserts(): readonly BulkInsert[] {
    return this.parts.map(({ insert }) => insert);
  }

  /** Swaps in the replacements atomically: no reader sees half an import. */
  async swap(): Promise<void> {
    const stored = await this.storedTables();
    for (const table of stored) await this.connection.query(`DROP TABLE IF EXISTS ${quoted(former(table))}`);
    const renames = [
      ...stored.map((table) => `${quoted(table)} TO ${quoted(former(table))}`),
      ...this.parts.map(({ table }) => `${quoted(staging(table))} TO ${quoted(table)}`),
    ];
    await this.connection.query(`RENAME TABLE ${renames.join(', ')}`);
    for (const table of stored) await this.connection.query(`DROP TABLE ${quoted(former(table))}`);
  }

  /** Removes the remains of an interrupted import: unfinished replacements, and tables that were replaced. */
  async drop(): Promise<void> {
    for (const end of ['__import', '__former'] as const) {
      for (const table of await this.storedTables(end)) {
        await this.connection.query(`DROP TABLE IF EXISTS ${quoted(table)}`);
      }
    }
  }

  private async hasOtherProducts(product: number): Promise<boolean> {
    const table = `${this.word}_product`;
    if (!(await this.storedTables()).includes(table)) return false;
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT 1 FROM ${quoted(table)} WHERE product_id <> ? LIMIT 1`,
      [product],
    );
    return rows.length > 0;
  }

  /**
   * Features are copied column by column, because they may be distributed over the tables differently than before. No
   * parameter is bound: the driver would treat a question mark in a column's name as a placeholder.
   */
  private async copyOthers(
    part: Part,
    product: number,
    before: ReadonlyMap<string, StoredColumn>,
  ): Promise<void> {
    const isOther = `product_id <> ${escape(product)}`;
    const visits = `${quoted(`${this.word}_visit`)} v`;
    const columns = part.columns.map((name) => quoted(name)).join(', ');
    const into = `INSERT INTO ${quoted(staging(part.table))} (${columns})`;
    if (part.kind !== 'feature') {
      const join = part.kind === 'goal' ? `JOIN ${visits} USING (visit_id)` : '';
      const selected = part.columns.map((name) => `f.${quoted(name)}`).join(', ');
      await this.connection.query(
        `${into} SELECT ${selected} FROM ${quoted(part.table)} f ${join} WHERE ${join ? 'v' : 'f'}.${isOther}`,
      );
      return;
    }
    const tables = [...new Set(part.features.map(({ name }) => before.get(name)?.table ?? ''))];
    const joins = tables.map((table, at) => `JOIN ${quoted(table)} f${at} ON f${at}.visit_id = v.visit_id`);
    const selected = part.features.map(
      ({ name }) => `f${tables.indexOf(before.get(name)?.table ?? '')}.${quoted(name)}`,
    );
    await this.connection.query(
      `${into} SELECT ${['v.visit_id', ...selected].join(', ')} FROM ${visits} ${joins.join(' ')} WHERE v.${isOther}`,
    );
  }

  private async storedFeatures(): Promise<Map<string, StoredColumn>> {
    const tables = (await this.storedTables()).filter((table) => table.startsWith(`${this.word}_feature`));
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, DATA_TYPE AS type,
              COALESCE(CHARACTER_MAXIMUM_LENGTH, 0) AS longest
       FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?) AND COLUMN_NAME <> 'visit_id'`,
      [tables],
    );
    return new Map(
      rows.map((row) => [
        String(row['name']),
        {
          table: String(row['table']),
          kind: row['type'] === 'double' ? 'number' : 'category',
          longest: Number(row['longest']),
        },
      ]),
    );
  }

  private checkColumns(before: ReadonlyMap<string, StoredColumn>): void {
    const differing = [
      ...[...before.keys()].filter((name) => !this.featureColumns.some((one) => one.name === name)),
      ...this.featureColumns
        .filter(({ name, kind }) => before.get(name)?.kind !== kind)
        .map(({ name }) => name),
    ];
    if (differing.length === 0) return;
    throw new BadInputError('columns-differ', {
      field: `columns of source ${this.word}`,
      value: differing,
      todo:
        'import the product into a separate source, or give it the same columns of the same kinds as the existing ' +
        'products (--exclude, --categories, --numbers)',
    });
  }

  /** The source's existing tables; their names end in `end` while an import runs. */
  private async storedTables(end: '' | '__import' | '__former' = ''): Promise<string[]> {
    const pattern = `^${this.word}_(product|visit|goal|goal_[0-9]+|feature|feature_[0-9]+)${end}$`;
    const [rows] = await this.connection.query<RowDataPacket[]>(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME REGEXP ?`,
      [pattern],
    );
    // The server's comparison may ignore case: a table whose name differs only by case is not ours.
    return rows.map((row) => String(row['name'])).filter((name) => new RegExp(pattern).test(name));
  }
}

interface StoredColumn {
  readonly table: string;
  readonly kind: FeatureColumn['kind'];
  readonly longest: number;
}

function definition({ kind, features }: Part, before: ReadonlyMap<string, StoredColumn>): string {
  if (kind === 'product') return PRODUCT;
  if (kind === 'visit') return VISIT;
  if (kind === 'goal') return GOAL;
  const columns = features.map((column) => {
    const width = Math.max(column.longest, before.get(column.name)?.longest ?? 0);
    return `${quoted(column.name)} ${column.kind === 'number' ? 'DOUBLE' : textType(width)} NULL`;
  });
  return [KEY, ...columns].join(', ');
}

function staging(table: string): string {
  return `${table}__import`;
}

function former(table: string): string {
  return `${table}__former`;
}

function quoted(name: string): string {
  return identifier(name).text;
}
