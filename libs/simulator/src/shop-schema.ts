import { OBSERVE_SECONDS } from './event-tables';
import type { ShopPlan } from './planned-shop';

/** The table of true propensities: no sources.yaml names it, no stage reads it. */
export const TRUE_PROPENSITY_TABLE = 'sim_true_propensity';

const BASE_TABLES: Readonly<Record<string, string>> = {
  [TRUE_PROPENSITY_TABLE]: 'visit_id BIGINT NOT NULL PRIMARY KEY, propensity DOUBLE NOT NULL',
  product: 'product_id INT NOT NULL PRIMARY KEY, is_active TINYINT(1) NOT NULL, name VARCHAR(80) NOT NULL',
  visit: `visit_id BIGINT NOT NULL PRIMARY KEY, product_id INT NOT NULL, visitor_id VARCHAR(32) NOT NULL,
    visit_time DATETIME NOT NULL, INDEX ix_visit_product_time (product_id, visit_time)`,
  sale: `sale_id BIGINT NOT NULL PRIMARY KEY, visit_id BIGINT NOT NULL, sale_time DATETIME NOT NULL,
    amount DECIMAL(10,2) NOT NULL, state VARCHAR(12) NOT NULL, INDEX ix_sale_visit (visit_id)`,
};

/** `CREATE TABLE` statements of a shop, the table of true propensities first: it marks the shop as simulated. */
export function createShopTables({
  tables,
  eventTables,
}: Pick<ShopPlan, 'tables' | 'eventTables'>): string[] {
  const features = tables.map(({ table, columns }): [string, string] => [
    table,
    ['visit_id BIGINT NOT NULL PRIMARY KEY', ...columns.map((one) => `${one.name} ${one.sqlType}`)].join(
      ', ',
    ),
  ]);
  const events = eventTables.map(({ table, columns }): [string, string] => [
    table,
    [
      'visit_id BIGINT NOT NULL',
      'event_time DATETIME(3) NOT NULL',
      ...columns.map((one) => `${one.name} ${one.sqlType}`),
      'INDEX ix_visit (visit_id)',
    ].join(', '),
  ]);
  return [...Object.entries(BASE_TABLES), ...features, ...events].map(
    ([name, columns]) =>
      `CREATE TABLE \`${name}\` (${columns}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  );
}

/** The shop's entry in sources.yaml. */
export interface SourcesYamlEntry {
  readonly connectionEnv: string;
  readonly timeZone: string;
  readonly products: Readonly<Record<string, string>>;
  readonly visits: Readonly<Record<string, string>>;
  readonly defaultGoal: string;
  readonly goals: Readonly<Record<string, object>>;
  readonly features: readonly object[];
  readonly observe?: number;
}

/** @param connectionEnv name of the variable that holds the source's connection string */
export function sourcesYamlEntry(
  connectionEnv: string,
  { tables, eventTables }: Pick<ShopPlan, 'tables' | 'eventTables'>,
): SourcesYamlEntry {
  return {
    connectionEnv,
    timeZone: 'UTC',
    products: { table: 'product', id: 'product_id', active: 'is_active' },
    visits: {
      table: 'visit',
      id: 'visit_id',
      product: 'product_id',
      visitor: 'visitor_id',
      time: 'visit_time',
    },
    defaultGoal: 'sale',
    goals: {
      sale: {
        table: 'sale',
        visit: 'visit_id',
        time: 'sale_time',
        value: 'amount',
        minimumValue: 0,
        // a small product may have no cancelled sale
        filters: [{ column: 'state', in: ['paid'], matchesAll: 'allowed' }],
        horizonDays: 0,
      },
    },
    features: [
      ...tables.map(({ table, missing, covers }) => ({
        table,
        key: 'visit_id',
        exclude: [],
        missing,
        covers,
      })),
      ...eventTables.map(({ table, missing, lookbackSeconds }) => ({
        table,
        key: 'visit_id',
        time: 'event_time',
        missing,
        ...(lookbackSeconds === undefined ? {} : { lookback: lookbackSeconds }),
      })),
    ],
    ...(eventTables.length === 0 ? {} : { observe: OBSERVE_SECONDS }),
  };
}
