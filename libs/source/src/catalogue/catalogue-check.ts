import type { Refusal } from '@factory/domain';
import { cutOf } from '../declaration/cut-declaration';
import { horizonDaysOf, rowGoalNames } from '../declaration/sources-file';
import type { GoalFilter, RowGoal, SourceDefinition } from '../declaration/sources-schema';
import { comparable, declaredValues } from '../values/filter-values';
import type { Catalogue, CatalogueColumn } from './catalogue';
import { refusalAsCategory, refusalAsId, refusalAsNumber, refusalAsVisitor } from './column-uses';
import { resolveFeatures } from './feature-columns';

export type CatalogueCode =
  | 'missing-table'
  | 'missing-column'
  | 'missing-key-column'
  | 'unsupported-id-type'
  | 'key-type-differs'
  | 'not-a-time'
  | 'not-a-number'
  | 'not-a-category'
  | 'wrong-filter-value'
  | 'day-without-time'
  | 'not-unique'
  | 'not-indexed'
  | 'reserved-feature-name'
  | 'unusable-feature-name'
  | 'duplicate-feature-name'
  | 'no-features';

/** A part of a source's declaration that does not match the database's catalogue. */
export interface CatalogueFault extends Refusal {
  readonly code: CatalogueCode;
  /** A warning does not stop a run: the data may nevertheless be as declared. */
  readonly severity: 'error' | 'warning';
}

/**
 * Checks every identifier of a source against the catalogue; reports all faults together, none = readable.
 *
 * @param goal check only this goal's tables: a fault in another goal is no reason to refuse this one. Absent:
 * all goals
 */
export function checkCatalogue(
  source: SourceDefinition,
  catalogue: Catalogue,
  goal?: string,
): CatalogueFault[] {
  const check = new Check(source, catalogue);
  const asked = goal === undefined ? Object.keys(source.goals) : rowGoalNames(source, goal);
  check.products();
  check.visits(asked.some((name) => horizonDaysOf(source, name) > 0));
  for (const [name, declared] of Object.entries(source.goals))
    if ('table' in declared && asked.includes(name)) check.goal(name, declared);
  source.features.forEach((_, index) => check.features(index));
  const faults = check.faults;
  if (faults.some((one) => one.code === 'missing-table')) return faults;
  const { refusals } = resolveFeatures(source, catalogue);
  return [
    ...faults,
    ...refusals.map((one) => ({ ...one, code: one.code as CatalogueCode, severity: 'error' as const })),
  ];
}

class Check {
  readonly faults: CatalogueFault[] = [];

  constructor(
    private readonly source: SourceDefinition,
    private readonly catalogue: Catalogue,
  ) {}

  products(): void {
    const { table, id, active } = this.source.products;
    if (!this.table('products.table', table)) return;
    this.product('products.id', table, id);
    if (active !== undefined) this.number('products.active', table, active);
  }

  /** @param timed whether goals count within a number of days after the visit */
  visits(timed: boolean): void {
    const { table, id, product, visitor, time } = this.source.visits;
    if (!this.table('visits.table', table)) return;
    const key = this.column('visits.id', table, id);
    const refusedId = key && refusalAsId(key);
    if (refusedId) this.fault('unsupported-id-type', 'error', 'visits.id', id, refusedId);
    if (key && !this.catalogue.isUnique(table, id)) {
      const todo = 'give the column a unique index: a duplicate visit fails the run';
      this.fault('not-unique', 'warning', 'visits.id', id, todo);
    }
    this.product('visits.product', table, product);
    const who = visitor === undefined ? undefined : this.column('visits.visitor', table, visitor);
    const refusedVisitor = who && refusalAsVisitor(who);
    if (refusedVisitor)
      this.fault('unsupported-id-type', 'error', 'visits.visitor', who.name, refusedVisitor);
    this.time('visits.time', table, time);
    this.instant('visits.time', table, time, timed);
    if (this.source.cut !== undefined) this.time('cut', table, this.source.cut);
    if (!this.catalogue.isIndexed(table, product) && !this.catalogue.isIndexed(table, time)) {
      const todo = 'give product and time an index: each run reads the whole table';
      this.fault('not-indexed', 'warning', 'visits.time', time, todo);
    }
  }

  goal(name: string, goal: RowGoal): void {
    const at = `goals.${name}`;
    if (!this.table(`${at}.table`, goal.table)) return;
    this.key(`${at}.visit`, goal.table, goal.visit, 'missing-column');
    this.time(`${at}.time`, goal.table, goal.time);
    this.instant(`${at}.time`, goal.table, goal.time, goal.horizonDays > 0);
    if (goal.value !== undefined) this.number(`${at}.value`, goal.table, goal.value);
    goal.filters.forEach((filter, index) => this.filter(`${at}.filters.${index}`, goal.table, filter));
  }

  /** Each declared value must be one that the column can hold, written in the form of the column's kind. */
  private filter(field: string, table: string, filter: GoalFilter): void {
    const column = this.column(`${field}.column`, table, filter.column);
    if (!column) return;
    const list = filter.in === undefined ? 'notIn' : 'in';
    declaredValues(filter).forEach((value, index) => {
      const typed = comparable(column, value);
      if ('todo' in typed)
        this.fault('wrong-filter-value', 'error', `${field}.${list}.${index}`, value, typed.todo);
    });
  }

  features(index: number): void {
    const definition = this.source.features[index];
    if (!definition) return;
    const { table, key, time } = definition;
    const at = `features.${index}`;
    if (!this.table(`${at}.table`, table)) return;
    const found = this.key(`${at}.key`, table, key, 'missing-key-column');
    if (found && time === undefined && !this.catalogue.isUnique(table, key)) {
      const todo = 'give the key a unique index, or name the event time: a visit with two rows fails the run';
      this.fault('not-unique', 'warning', `${at}.key`, `${table}.${key}`, todo);
    }
    if (time !== undefined) {
      this.time(`${at}.time`, table, time);
      this.instant(`${at}.time`, table, time);
    }
    for (const list of ['columns', 'exclude', 'categories', 'numbers'] as const) {
      definition[list]?.forEach((column, position) =>
        this.column(`${at}.${list}.${position}`, table, column),
      );
    }
    definition.numbers.forEach((name, position) => {
      const column = this.catalogue.column(table, name);
      const refusal = column && refusalAsNumber(column);
      if (refusal)
        this.fault('not-a-number', 'error', `${at}.numbers.${position}`, `${table}.${name}`, refusal);
    });
    definition.categories.forEach((name, position) => {
      const column = this.catalogue.column(table, name);
      const refusal = column && refusalAsCategory(column);
      if (refusal)
        this.fault('not-a-category', 'error', `${at}.categories.${position}`, `${table}.${name}`, refusal);
    });
  }

  /** A column that is joined with the visits' id: it must exist, have the same type, and be indexed. */
  private key(
    field: string,
    table: string,
    name: string,
    missing: 'missing-column' | 'missing-key-column',
  ): CatalogueColumn | undefined {
    const found = this.column(field, table, name, missing);
    const { table: visits, id } = this.source.visits;
    const visitId = this.catalogue.column(visits, id);
    if (!found || !visitId) return found;
    if (found.kind !== visitId.kind || found.collation !== visitId.collation) {
      const todo = `give it the type and collation of ${visits}.${id}: ${described(visitId)}, not ${described(found)}`;
      this.fault('key-type-differs', 'error', field, `${table}.${name}`, todo);
    } else if (!this.catalogue.isIndexed(table, name)) {
      const todo = 'give it an index: each run reads the whole table';
      this.fault('not-indexed', 'warning', field, `${table}.${name}`, todo);
    }
    return found;
  }

  private table(field: string, table: string): boolean {
    if (this.catalogue.hasTable(table)) return true;
    const todo = `name a table of the database of ${this.source.connectionEnv}, and grant SELECT on it`;
    this.fault('missing-table', 'error', field, table, todo);
    return false;
  }

  private column(
    field: string,
    table: string,
    name: string,
    code: 'missing-column' | 'missing-key-column' = 'missing-column',
  ): CatalogueColumn | undefined {
    const found = this.catalogue.column(table, name);
    if (found) return found;
    const columns = this.catalogue.columns(table).map((one) => one.name);
    this.fault(code, 'error', field, `${table}.${name}`, `use one of ${columns.join(', ')}`);
    return undefined;
  }

  private time(field: string, table: string, name: string): void {
    const found = this.column(field, table, name);
    if (!found || found.kind === 'time') return;
    this.fault(
      'not-a-time',
      'error',
      field,
      `${table}.${name}`,
      `use a DATETIME, TIMESTAMP or DATE, not ${found.type}`,
    );
  }

  /**
   * If times are compared, a date without time is too coarse: its midnight is before the cut, and before the
   * visits of that day, whose goals would not count.
   *
   * @param timed compared with the visit's own time, whether or not the source has a cut
   */
  private instant(field: string, table: string, name: string, timed = false): void {
    const cut = cutOf(this.source) !== undefined;
    if ((!cut && !timed) || this.catalogue.column(table, name)?.type.toLowerCase() !== 'date') return;
    const than = cut ? 'most cuts' : 'all other events of that day';
    const todo = `use a column with the time of day: a day alone counts as its midnight, before ${than}`;
    this.fault('day-without-time', 'warning', field, `${table}.${name}`, todo);
  }

  /** Whole numbers, exactly; a DECIMAL may contain them. */
  private product(field: string, table: string, name: string): void {
    this.number(field, table, name);
    const found = this.catalogue.column(table, name);
    if (!found || found.kind === 'integer' || found.kind !== 'number' || found.dataType === 'decimal') return;
    const todo = `use a column of whole numbers: ${found.type} cannot be read exactly`;
    this.fault('unsupported-id-type', 'error', field, `${table}.${name}`, todo);
  }

  private number(field: string, table: string, name: string): void {
    const found = this.column(field, table, name);
    if (!found || found.kind === 'integer' || found.kind === 'number') return;
    this.fault(
      'not-a-number',
      'error',
      field,
      `${table}.${name}`,
      `use a column of numbers, not ${found.type}`,
    );
  }

  private fault(
    code: CatalogueCode,
    severity: CatalogueFault['severity'],
    field: string,
    value: unknown,
    todo: string,
  ): void {
    this.faults.push({ code, severity, field: `sources.${this.source.name}.${field}`, value, todo });
  }
}

function described(column: CatalogueColumn): string {
  return column.collation === null ? column.type : `${column.type} ${column.collation}`;
}
