import { FactoryError, PackedTexts, messageOf, type Column } from '@factory/domain';
import { sql } from '@factory/mysql';
import { isUtf8 } from 'node:buffer';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Statements } from '../access/statements';
import type { SourceLimits } from '../access/source-limits';
import type { Catalogue } from '../catalogue/catalogue';
import type { ResolvedFeatures, ResolvedFeatureTable } from '../catalogue/feature-columns';
import type { SourceDefinition } from '../declaration/sources-schema';
import { createDrawnTable, insertDrawnVisits, type VisitIds } from '../queries/drawn-visits';
import type { VisitRange } from '../queries/goal-visits';
import type { Query, RanQuery } from '../queries/query';
import { readDrawnVisits } from '../queries/read-drawn-visits';
import { readFeatures } from '../queries/read-features';
import { selectIdsByHash, type HashDraw } from '../queries/select-ids-by-hash';
import { FeatureTableBuilder } from '../values/column-builders';
import type { TypedGoal } from '../values/filter-values';
import { UnreadableValues, type UnreadableColumn } from '../values/unreadable-values';
import { populationOf, type Population } from './population';

const TWO_POW_52 = 2 ** 52;

/** A draw of exactly `count` visits of a class, out of `population`. */
export type DrawRequest = Omit<HashDraw, 'below' | 'limit'> & {
  readonly count: number;
  readonly population: number;
};

export interface DrawnVisits {
  /** [rows] milliseconds since the epoch. */
  readonly visitTimes: Float64Array;
  /** [rows]; none = visitor unknown. */
  readonly visitors: PackedTexts;
}

/** What a snapshot reads: one source, one goal. */
export interface SnapshotSubject {
  readonly definition: SourceDefinition;
  readonly goals: readonly TypedGoal[];
  readonly catalogue: Catalogue;
  readonly features: ResolvedFeatures;
  readonly limits: SourceLimits;
}

/**
 * A source as of one instant, with the drawn visits in a temporary table of the connection (rules R2). Nothing
 * of the shop is locked or written.
 */
export class SourceSnapshot {
  private rows = 0;
  private readonly empty: ResolvedFeatureTable[] = [];
  private readonly unreadable: UnreadableValues;
  private readonly longest: number;

  private constructor(
    private readonly statements: Statements,
    private readonly subject: SnapshotSubject,
    private readonly ranBefore: number,
  ) {
    this.unreadable = new UnreadableValues(subject.definition);
    this.longest = subject.limits.valueCharacters;
  }

  /**
   * Opens the snapshot for `work` and ends it afterwards. The temporary table is created first: see rules R2.
   */
  static async open<T>(
    statements: Statements,
    subject: SnapshotSubject,
    work: (snapshot: SourceSnapshot) => Promise<T>,
  ): Promise<T> {
    const { table, id } = subject.definition.visits;
    const type = subject.catalogue.column(table, id);
    if (!type) throw new FactoryError('missing-column', `${table}.${id} is not in the catalogue`, false);
    const snapshot = new SourceSnapshot(statements, subject, statements.ran.length);
    await statements.run('create-drawn-table', createDrawnTable(type));
    try {
      await statements.run('start-snapshot', sql`START TRANSACTION WITH CONSISTENT SNAPSHOT`, 'text');
      return await work(snapshot);
    } finally {
      // a lost connection has already ended the transaction and dropped the table
      await statements.run('end-snapshot', sql`ROLLBACK`, 'text').catch(() => undefined);
      await statements
        .run('drop-drawn-table', sql`DROP TEMPORARY TABLE tmp_train_visits`)
        .catch(() => undefined);
    }
  }

  /** The statements of this snapshot so far. */
  get ran(): readonly RanQuery[] {
    return this.statements.ran.slice(this.ranBefore);
  }

  /** Unreadable values that were left out so far, by column. */
  get unreadableColumns(): readonly UnreadableColumn[] {
    return this.unreadable.columns;
  }

  /** Feature tables read so far without a row for any drawn visit. */
  get tablesWithoutRow(): readonly ResolvedFeatureTable[] {
    return this.empty;
  }

  async population(range: VisitRange): Promise<Population> {
    return populationOf(this.statements, this.subject, range);
  }

  /**
   * The ids with the smallest hashes, exactly `count` of them (fewer only if the population is smaller), in
   * order of hash, ties by bytes. A threshold slightly above the target avoids sorting the rest (trap 14); in
   * the rare case that too few are below it, everything is sorted.
   */
  async selectIds({ count, population, ...draw }: DrawRequest): Promise<PackedTexts> {
    if (count === 0) return PackedTexts.ofRows(0);
    const { definition, goals } = this.subject;
    const share = (count + 6 * Math.sqrt(count) + 20) / population;
    for (const below of share < 1 ? [Math.ceil(share * TWO_POW_52), TWO_POW_52] : [TWO_POW_52]) {
      const query = selectIdsByHash(definition, goals, { ...draw, below, limit: count });
      const ids = await this.readIds(query, count);
      if (ids.length === count || below === TWO_POW_52) return ids;
    }
    return PackedTexts.ofRows(0);
  }

  /** Stores the drawn visits; a visit's position is its index here. Called once per snapshot. */
  async keep(ids: VisitIds): Promise<void> {
    this.rows = ids.length;
    try {
      await this.statements.runBatches('insert-drawn-visits', insertDrawnVisits(ids));
    } catch (error) {
      throw isDuplicate(error) ? this.idNotUnique(messageOf(error), error) : error;
    }
  }

  /** @throws FactoryError `visit-id-not-unique`, BadInputsError `unreadable-values` */
  async readVisits(): Promise<DrawnVisits> {
    const { table, time: timeColumn, visitor: visitorColumn } = this.subject.definition.visits;
    const visitTimes = new Float64Array(this.rows);
    const visitors = PackedTexts.ofRows(this.rows);
    const query = readDrawnVisits(this.subject.definition, (column) =>
      this.subject.catalogue.column(table, column),
    );
    const read = await this.statements.stream(query, ([at, time, visitor, unreadable]) => {
      if (time === null || unreadable !== null) this.unreadable.note(`${table}.${timeColumn}`, unreadable);
      else visitTimes[at] = time;
      const text = visitor === null || typeof visitor === 'string' ? visitor : utf8Of(visitor);
      if (text === undefined || (text !== null && text.length > this.longest))
        this.unreadable.note(`${table}.${visitorColumn}`, visitor);
      else visitors.set(at, text);
    });
    if (read !== this.rows)
      throw this.idNotUnique(`${this.rows} drawn visits have ${read} rows; an id must be unique`);
    this.unreadable.stopIfAny();
    return { visitTimes, visitors };
  }

  /**
   * All declared features of the drawn visits, in the order of sources.yaml, raw (rules R3).
   *
   * @throws BadInputsError `unreadable-values`; BadInputError `too-many-feature-rows`, `too-many-levels`
   */
  async readFeatures(): Promise<Column[]> {
    const { limits, features } = this.subject;
    const { tables } = features;
    const columns: Column[] = [];
    for (const table of tables) {
      if (table.columns.length === 0) continue;
      const builder = await FeatureTableBuilder.open(table, this.rows, this.unreadable, limits);
      const typeOf = (column: string) => this.subject.catalogue.column(table.definition.table, column);
      const query = readFeatures(this.subject.definition, table, typeOf, this.longest + 1);
      const read = await this.statements.stream(query, (row) => builder.add(row));
      if (read === 0) this.empty.push(table);
      for (const column of builder.columns()) {
        columns.push(column);
        // A column of a million rows takes milliseconds: heartbeats run between two columns.
        await immediate();
      }
    }
    this.unreadable.stopIfAny();
    return columns;
  }

  /** There are as many as the sample has: each is checked for its type, none is parsed. */
  private async readIds(query: Query<[string]>, most: number): Promise<PackedTexts> {
    const { table, id: column } = this.subject.definition.visits;
    const ids = PackedTexts.ofRows(most);
    let read = 0;
    await this.statements.stream(query, ([id]) => {
      if (typeof id === 'string' && id.length <= this.longest) ids.set(read++, id);
      else this.unreadable.note(`${table}.${column}`, id);
    });
    this.unreadable.stopIfAny();
    return ids.head(read);
  }

  private idNotUnique(why: string, cause?: unknown): FactoryError {
    const { table, id } = this.subject.definition.visits;
    return new FactoryError('visit-id-not-unique', `${table}.${id}: ${why}`, false, { cause });
  }
}

function utf8Of(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** Ids that the database considers equal, such as in another case, although their texts differ. */
function isDuplicate(error: unknown): boolean {
  return error instanceof FactoryError && (error.cause as { errno?: number } | undefined)?.errno === 1062;
}
