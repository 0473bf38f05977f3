import { BadInputsError, FactoryError } from '@factory/domain';
import type { Statements } from '../access/statements';
import {
  SOURCE_LIMITS,
  checkFeatureColumns,
  checkProducts,
  type SourceLimits,
} from '../access/source-limits';
import { Catalogue, tablesOf } from '../catalogue/catalogue';
import { checkCatalogue, type CatalogueFault } from '../catalogue/catalogue-check';
import {
  resolveFeatures,
  type ResolvedFeatures,
  type ResolvedFeatureTable,
} from '../catalogue/feature-columns';
import { cutOf } from '../declaration/cut-declaration';
import { rowGoalsOf } from '../declaration/sources-file';
import type { SourceDefinition } from '../declaration/sources-schema';
import { countFeatureCoverage } from '../queries/count-feature-coverage';
import { countFilterMatches, matchesOf, type FilterMatches } from '../queries/count-filter-matches';
import { countGoalVisitsByDay } from '../queries/count-goal-visits-by-day';
import {
  countGoalsBeforeVisit,
  countUnreadableGoals,
  countUnreadableVisits,
} from '../queries/count-unreadable';
import type { VisitRange } from '../queries/goal-visits';
import { countProductRows, listActiveProducts } from '../queries/products';
import { readColumns, readIndexes, type ColumnRow } from '../queries/read-catalogue';
import { visitBounds } from '../queries/visit-bounds';
import { typedGoals, type TypedGoal } from '../values/filter-values';
import type { UnreadableColumn } from '../values/unreadable-values';
import { populationOf, type Population } from './population';
import { productListOf, productState, type ProductList, type ProductState } from './product-list';
import { SourceSnapshot } from './source-snapshot';
import { tableVisitsOfDays, visitsOfDays, type TableVisitsOfDay, type VisitsOfDay } from './visits-of-days';

/** How much of a range's visits a feature table covers. */
export interface FeatureCoverage {
  /** Visits checked. */
  readonly visits: number;
  /** Visits with a row. */
  readonly withRow: number;
  /** Rows; more than `withRow` if rows are events. */
  readonly rows: number;
  /** By dataset column: number of known values. */
  readonly known: ReadonlyMap<string, number>;
}

/** What the input check finds about required values (see `unreadable` in sources.yaml). */
export interface UnreadableInput {
  readonly columns: readonly UnreadableColumn[];
  /** Visits of the range without a product: they belong to no run. */
  readonly ofNoProduct: number;
}

/** Goal rows by one time column. */
export interface GoalsBeforeVisit {
  /** `table.column`. */
  readonly column: string;
  readonly rows: number;
  /** Of those, rows whose time is before their visit's. */
  readonly before: number;
  /**
   * How such a row is treated. `counts`: its time does not matter. `ignored`: it does not count as a goal.
   * `leaves-out`: it is before the cut, so its visit is left out.
   */
  readonly effect: 'counts' | 'ignored' | 'leaves-out';
}

/** All queries of the factory on a source, over one connection. Goals are given by name. */
export class SourceReader {
  private found: { readonly catalogue: Catalogue; readonly columns: readonly ColumnRow[] } | undefined;

  constructor(
    readonly definition: SourceDefinition,
    private readonly statements: Statements,
    private readonly limits: SourceLimits = SOURCE_LIMITS,
  ) {}

  /** Faults of the declaration according to the database's catalogue; empty = readable. */
  async checkCatalogue(goal?: string): Promise<CatalogueFault[]> {
    return checkCatalogue(this.definition, await this.catalogue(), goal);
  }

  /** The columns that become features, and the other ones with the reason. @throws BadInputError `too-many-features` */
  async features(): Promise<ResolvedFeatures> {
    return this.resolved(await this.catalogue());
  }

  /** Ascending. */
  async activeProducts(): Promise<readonly number[]> {
    return (await this.productList()).active;
  }

  /**
   * The active products, and the rows of the table that are not valid products.
   *
   * @throws BadInputError `too-many-products`
   */
  async productList(): Promise<ProductList> {
    const rows = await this.statements.all(listActiveProducts(this.definition, this.limits.products + 1));
    checkProducts(this.definition.name, rows.length, this.limits);
    return productListOf(rows);
  }

  async productState(product: number): Promise<ProductState> {
    const { rows, active } = await this.productRows(product);
    return productState(rows, active);
  }

  /** Number of rows of a product's id: more than one is worth a warning. */
  async productRows(product: number): Promise<{ rows: number; active: number }> {
    const [rows, active] = await this.statements.one(countProductRows(this.definition, product));
    return { rows, active };
  }

  /** First and last visit of a product; undefined if it has none. */
  async visitBounds(product: number): Promise<{ first: Date; last: Date } | undefined> {
    const [first, last] = await this.statements.one(visitBounds(this.definition, product));
    return first === null || last === null ? undefined : { first: new Date(first), last: new Date(last) };
  }

  /** Visits with the goal; index k = `[end - (k + 1) days, end - k days)`. */
  async goalVisitsByDayBack(goal: string, range: VisitRange): Promise<number[]> {
    const goals = await this.goals(goal);
    const days: number[] = [];
    for (const [dayBack, sales] of await this.statements.all(
      countGoalVisitsByDay(this.definition, goals, range),
    )) {
      days[dayBack] = sales;
    }
    return Array.from(days, (sales) => sales ?? 0);
  }

  /** Visits of the range by day, as `goalVisitsByDayBack`. */
  async visitsByDayBack(range: VisitRange): Promise<VisitsOfDay[]> {
    return visitsOfDays(this.statements, this.definition, await this.catalogue(), range);
  }

  /**
   * Visits of the range with a row in each feature table, by day, as `goalVisitsByDayBack`.
   *
   * @param share of the visits, by hash of their ids; 1: all
   */
  async tableVisitsByDayBack(range: VisitRange, share: number): Promise<TableVisitsOfDay[]> {
    return tableVisitsOfDays(this.statements, this.definition, await this.catalogue(), { range, share });
  }

  /** How many goal rows of the range's visits pass each filter of the goal, alone and together. */
  async filterMatches(goal: string, range: VisitRange): Promise<FilterMatches[]> {
    const matches: FilterMatches[] = [];
    for (const typed of await this.goals(goal)) {
      if (typed.filters.length === 0 && typed.minimumValue === undefined) continue;
      const query = countFilterMatches(this.definition, typed, range);
      const [rows, ...passed] = await this.statements.one(query);
      matches.push(...matchesOf(typed, rows, passed));
    }
    return matches;
  }

  /**
   * Required values of the range's visits and goals that cannot be read, by column; visits without a product.
   */
  async unreadable(goal: string, range: VisitRange): Promise<UnreadableInput> {
    const { visits } = this.definition;
    const found = await this.statements.one(countUnreadableVisits(this.definition, range));
    const columns = [
      unreadableColumn(`${visits.table}.${visits.id}`, found[0], found[1]),
      unreadableColumn(`${visits.table}.${visits.time}`, found[2], found[3]),
      unreadableColumn(`${visits.table}.${this.definition.cut}`, found[4], found[5]),
    ];
    for (const typed of await this.goals(goal)) {
      const [count, example] = await this.statements.one(countUnreadableGoals(this.definition, typed, range));
      columns.push(unreadableColumn(`${typed.table}.${typed.time}`, count, example));
    }
    return { columns: columns.filter((one) => one.count > 0), ofNoProduct: found[6] };
  }

  /**
   * Goal rows of the range's visits that pass the filters, by time column, and those that are before their
   * visit.
   */
  async goalsBeforeVisit(goal: string, range: VisitRange): Promise<GoalsBeforeVisit[]> {
    const found: GoalsBeforeVisit[] = [];
    for (const typed of await this.goals(goal)) {
      const [rows, before] = await this.statements.one(countGoalsBeforeVisit(this.definition, typed, range));
      const ignored = typed.horizonDays > 0 ? 'ignored' : 'counts';
      const effect = cutOf(this.definition) ? 'leaves-out' : ignored;
      found.push({ column: `${typed.table}.${typed.time}`, rows, before, effect });
    }
    return found;
  }

  async population(goal: string, range: VisitRange): Promise<Population> {
    const subject = { definition: this.definition, goals: await this.goals(goal) };
    return populationOf(this.statements, subject, range);
  }

  /** Checks at most `limit` visits of the range. */
  async featureCoverage(
    table: ResolvedFeatureTable,
    range: VisitRange,
    limit: number,
  ): Promise<FeatureCoverage> {
    const catalogue = await this.catalogue();
    const typeOf = (column: string) => catalogue.column(table.definition.table, column);
    const query = countFeatureCoverage(this.definition, table, range, limit, typeOf);
    const [visits, withRow, rows, ...known] = await this.statements.one(query);
    const byName = table.columns.map((column, at) => [column.name, known[at] ?? 0] as const);
    return { visits, withRow, rows, known: new Map(byName) };
  }

  /**
   * Runs `work` on a snapshot of the source; see `SourceSnapshot`. A snapshot isolates rows, not tables: if
   * others drop, create or alter them meanwhile, the dataset must not mix the old and the new tables.
   *
   * @throws BadInputsError with the code of the first fault, when a table or column is no longer as declared
   * @throws FactoryError `source-changed`, to be retried, when tables were altered while they were read
   */
  async snapshot<T>(goal: string, work: (snapshot: SourceSnapshot) => Promise<T>): Promise<T> {
    const catalogue = await this.catalogue();
    const faults = await this.checkCatalogue(goal);
    const errors = faults.filter((one) => one.severity === 'error');
    if (errors[0]) throw new BadInputsError(errors[0].code, errors);
    const subject = {
      definition: this.definition,
      goals: typedGoals(rowGoalsOf(this.definition, goal), catalogue),
      catalogue,
      features: this.resolved(catalogue),
      limits: this.limits,
    };
    return SourceSnapshot.open(this.statements, subject, async (snapshot) => {
      const result = await work(snapshot);
      await this.requireSameColumns();
      return result;
    });
  }

  /**
   * Nobody can alter what the transaction has read before it ends, so this finds every change before a read.
   */
  private async requireSameColumns(): Promise<void> {
    const now = await this.statements.all(readColumns(tablesOf(this.definition)));
    if (JSON.stringify(now) === JSON.stringify(this.found?.columns)) return;
    const text = `source ${this.definition.name}: its tables were altered while they were read; the read is retried`;
    throw new FactoryError('source-changed', text, true);
  }

  private resolved(catalogue: Catalogue): ResolvedFeatures {
    const features = resolveFeatures(this.definition, catalogue);
    const columns = features.tables.reduce((sum, table) => sum + table.columns.length, 0);
    checkFeatureColumns(this.definition.name, columns, this.limits);
    return features;
  }

  private async goals(goal: string): Promise<TypedGoal[]> {
    return typedGoals(rowGoalsOf(this.definition, goal), await this.catalogue());
  }

  private async catalogue(): Promise<Catalogue> {
    if (this.found) return this.found.catalogue;
    const tables = tablesOf(this.definition);
    const columns = await this.statements.all(readColumns(tables));
    const indexes = await this.statements.all(readIndexes(tables));
    const catalogue = new Catalogue(columns, indexes);
    this.found = { catalogue, columns };
    return catalogue;
  }
}

function unreadableColumn(column: string, count: number, example: string | null): UnreadableColumn {
  return { column, count, example: example ?? 'NULL' };
}
