import { FactoryError, PackedTexts, type Column } from '@factory/domain';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Catalogue } from './catalogue';
import { FeatureTableBuilder } from './column-builders';
import type { ResolvedFeatures } from './feature-columns';
import { populationOf, type Population } from './population';
import { createDrawnTable, insertDrawnVisits, type VisitIds } from './queries/drawn-visits';
import type { VisitRange } from './queries/goal-visits';
import { readDrawnVisits } from './queries/read-drawn-visits';
import { readFeatures } from './queries/read-features';
import { selectIdsByHash, type HashDraw } from './queries/select-ids-by-hash';
import type { RanQuery } from './query';
import type { TypedGoal } from './filter-values';
import type { SourceDefinition } from './sources-schema';
import { sql } from './sql-text';
import type { Statements } from './statements';

const TWO_POW_52 = 2 ** 52;

/** Exactly `count` visits of a class are wanted, out of `population`. */
export type DrawRequest = Omit<HashDraw, 'below' | 'limit'> & {
  readonly count: number;
  readonly population: number;
};

export interface DrawnVisits {
  /** [rows] milliseconds since the epoch. */
  readonly visitTimes: Float64Array;
  /** [rows]; none = no visitor known. */
  readonly visitors: PackedTexts;
}

/** What a snapshot reads from: one source, one goal. */
export interface SnapshotSubject {
  readonly definition: SourceDefinition;
  readonly goals: readonly TypedGoal[];
  readonly catalogue: Catalogue;
  readonly features: ResolvedFeatures;
}

/**
 * A source as it stood at one instant, and the drawn visits in a temporary table of the connection (RULES R2).
 * Nothing of the shop is locked or written.
 */
export class SourceSnapshot {
  private rows = 0;

  private constructor(
    private readonly statements: Statements,
    private readonly subject: SnapshotSubject,
    private readonly ranBefore: number,
  ) {}

  /** Opens the snapshot for `work` and ends it afterwards. The temporary table comes first: see RULES R2. */
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
      // a lost connection has ended the transaction and the table already
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

  async population(range: VisitRange): Promise<Population> {
    return populationOf(this.statements, this.subject, range);
  }

  /**
   * The ids with the smallest hashes, exactly `count` of them (fewer only if the population is smaller), in
   * order of hash, ties by bytes. A threshold slightly above the target spares sorting the rest (trap 14); in
   * the rare case that too few lie below it, everything is sorted.
   */
  async selectIds({ count, population, ...draw }: DrawRequest): Promise<PackedTexts> {
    if (count === 0) return PackedTexts.ofRows(0);
    const { definition, goals } = this.subject;
    const share = (count + 6 * Math.sqrt(count) + 20) / population;
    for (const below of share < 1 ? [Math.ceil(share * TWO_POW_52), TWO_POW_52] : [TWO_POW_52]) {
      const query = selectIdsByHash(definition, goals, { ...draw, below, limit: count });
      const ids = PackedTexts.ofRows(count);
      let read = 0;
      await this.statements.stream(query, ([id]) => ids.set(read++, id));
      if (read === count || below === TWO_POW_52) return ids.head(read);
    }
    return PackedTexts.ofRows(0);
  }

  /** Makes these the drawn visits; a visit's position is its index here. Once a snapshot. */
  async keep(ids: VisitIds): Promise<void> {
    this.rows = ids.length;
    await this.statements.runBatches('insert-drawn-visits', insertDrawnVisits(ids));
  }

  /** @throws FactoryError `visit-id-not-unique` */
  async readVisits(): Promise<DrawnVisits> {
    const visitTimes = new Float64Array(this.rows);
    const visitors = PackedTexts.ofRows(this.rows);
    const read = await this.statements.stream(
      readDrawnVisits(this.subject.definition),
      ([at, time, visitor]) => {
        visitTimes[at] = time;
        visitors.set(at, visitor);
      },
    );
    if (read !== this.rows) {
      const { table, id } = this.subject.definition.visits;
      const text = `${table}.${id}: ${this.rows} drawn visits have ${read} rows; an id may stand there once only`;
      throw new FactoryError('visit-id-not-unique', text, false);
    }
    return { visitTimes, visitors };
  }

  /** Every declared feature of the drawn visits, in the order of sources.yaml, raw (RULES R3). */
  async readFeatures(): Promise<Column[]> {
    const { tables } = this.subject.features;
    const columns: Column[] = [];
    for (const table of tables) {
      if (table.columns.length === 0) continue;
      const builder = new FeatureTableBuilder(table, this.rows);
      const typeOf = (column: string) => this.subject.catalogue.column(table.definition.table, column);
      await this.statements.stream(readFeatures(this.subject.definition, table, typeOf), (row) =>
        builder.add(row),
      );
      for (const column of builder.columns()) {
        columns.push(column);
        // A column of a million rows takes milliseconds: heartbeats go between two.
        await immediate();
      }
    }
    return columns;
  }
}
