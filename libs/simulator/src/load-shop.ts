import { BulkInsert, connectAsOwner, ownerError } from '@factory/mysql';
import type { Connection } from 'mysql2/promise';
import { OBSERVE_SECONDS } from './event-tables';
import { weightedAuc } from './oracle';
import { prepareShopDatabase } from './prepare-shop-database';
import { Random } from './random';
import { salesOfVisit } from './sales-of-visit';
import type { ProductPlan, ShopPlan } from './planned-shop';
import { planShop, type ShopOptions } from './shop-plan';
import { TRUE_PROPENSITY_TABLE, sourcesYamlEntry, type SourcesYamlEntry } from './shop-schema';
import { simulateVisits, type SimulatedVisit } from './simulate-visits';

export interface LoadOptions extends ShopOptions {
  /** Database to create and fill. Default `shop_<source>`, hyphens as underscores. */
  readonly database?: string;
  /** Environment variable with the connection string, for sources.yaml. Default `SOURCE_<SOURCE>_URL`. */
  readonly connectionEnv?: string;
  /** Replace a previously simulated shop; other tables in the database are never changed. Default false. */
  readonly replace?: boolean;
}

export interface LoadedProduct {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly visits: number;
  readonly goals: number;
  /** In a shop with events: visits with a sale before their cut; they are neither goals nor others. */
  readonly leftOut: number;
  readonly baseRate: number;
  /** ROC-AUC of the true propensities on the actual goals: no model does better in the long run. */
  readonly oracleAuc: number;
}

export interface LoadedShop {
  readonly database: string;
  readonly sourcesYamlEntry: SourcesYamlEntry;
  readonly products: readonly LoadedProduct[];
  readonly visits: number;
  readonly goals: number;
}

export interface LoadProgress {
  readonly product: number;
  readonly visits: number;
  readonly totalVisits: number;
}

/** Names of the database and the variable of a shop. */
export function shopNames(options: Pick<LoadOptions, 'source' | 'database' | 'connectionEnv'>): {
  readonly database: string;
  readonly connectionEnv: string;
} {
  const word = options.source.replaceAll('-', '_');
  return {
    database: options.database ?? `shop_${word}`,
    connectionEnv: options.connectionEnv ?? `SOURCE_${word.toUpperCase()}_URL`,
  };
}

/**
 * Simulates a shop and writes it into a separate database.
 *
 * @param adminUrl mysql://user:password@host:port/..., allowed to create databases
 * @throws BadInputError `shop-exists` if the database has tables and `replace` is not set (or they are
 *   not a simulated shop's), and the errors of `planShop`
 * @throws ServerAwayError `source-away` if the database cannot be reached
 */
export async function loadShop(
  adminUrl: string,
  options: LoadOptions,
  onProgress: (progress: LoadProgress) => void = () => undefined,
): Promise<LoadedShop> {
  const plan = planShop(options);
  const { database, connectionEnv } = shopNames(options);
  const connections: Connection[] = [];
  const connect = async (): Promise<Connection> => {
    const connection = await connectAsOwner('adminUrl', adminUrl);
    connections.push(connection);
    return connection;
  };
  try {
    await prepareShopDatabase(await connect(), database, plan, options.replace ?? false);
    const tables = await openTables(plan, database, connect);
    const products: LoadedProduct[] = [];
    const totalVisits = plan.products.reduce((sum, product) => sum + product.visits, 0);
    for (const product of plan.products) {
      products.push(await loadProduct(plan, product, tables));
      const visits = product.firstVisitId + product.visits;
      onProgress({ product: product.id, visits, totalVisits });
    }
    await Promise.all(tables.all.map((table) => table.finish()));
    return {
      database,
      sourcesYamlEntry: sourcesYamlEntry(connectionEnv, plan),
      products,
      visits: totalVisits,
      goals: products.reduce((sum, product) => sum + product.goals, 0),
    };
  } catch (thrown) {
    throw ownerError('adminUrl', thrown);
  } finally {
    await Promise.all(connections.map((connection) => connection.end().catch(() => undefined)));
  }
}

interface ShopTables {
  readonly product: BulkInsert;
  readonly visit: BulkInsert;
  readonly sale: BulkInsert;
  readonly truth: BulkInsert;
  readonly features: readonly BulkInsert[];
  readonly events: readonly BulkInsert[];
  readonly all: readonly BulkInsert[];
}

async function loadProduct(plan: ShopPlan, product: ProductPlan, tables: ShopTables): Promise<LoadedProduct> {
  const random = new Random(plan.seed, `product-${product.id}`);
  const saleRandom = new Random(plan.seed, `sales-${product.id}`);
  const propensities = new Float64Array(product.visits);
  const hasSale = new Uint8Array(product.visits);
  const isLeftOut = new Uint8Array(product.visits);
  let goals = 0;
  let leftOut = 0;
  let at = 0;
  tables.product.add([product.id, Number(product.active), product.name]);
  for (const visit of simulateVisits(plan, product, random)) {
    propensities[at] = visit.propensity;
    isLeftOut[at] = Number(visit.hasEarlySale);
    hasSale[at++] = Number(visit.hasSale);
    leftOut += Number(visit.hasEarlySale);
    goals += Number(visit.hasSale && !visit.hasEarlySale);
    addVisit(plan, tables, product.id, visit, saleRandom);
    for (const table of tables.all) if (table.isFull) await table.send();
  }
  const { id, name, active, visits, baseRate } = product;
  const oracleAuc = weightedAuc(
    propensities,
    (row) => (isLeftOut[row] ? 0 : (hasSale[row] ?? 0)),
    (row) => (isLeftOut[row] ? 0 : 1 - (hasSale[row] ?? 0)),
  );
  return { id, name, active, visits, goals, leftOut, baseRate, oracleAuc };
}

function addVisit(
  plan: ShopPlan,
  tables: ShopTables,
  product: number,
  visit: SimulatedVisit,
  saleRandom: Random,
): void {
  const { visitId } = visit;
  tables.visit.add([visitId, product, visit.visitorId, sqlTime(visit.timeMs)]);
  tables.truth.add([visitId, visit.propensity]);
  const leastSeconds = plan.eventTables.length > 0 ? OBSERVE_SECONDS : undefined;
  for (const [nth, sale] of salesOfVisit(visit, saleRandom, leastSeconds).entries()) {
    tables.sale.add([visitId * 2 + nth, visitId, sqlTime(sale.timeMs), sale.amount, sale.state]);
  }
  for (const [at, row] of visit.rows.entries()) if (row) tables.features[at]?.add([visitId, ...row]);
  for (const [at, events] of visit.events.entries()) {
    for (const { seconds, values } of events) {
      tables.events[at]?.add([visitId, sqlTime(visit.timeMs + seconds * 1000, 23), ...values]);
    }
  }
}

async function openTables(
  plan: ShopPlan,
  database: string,
  connect: () => Promise<Connection>,
): Promise<ShopTables> {
  // One connection per table: the server stores tables in parallel.
  const table = async (name: string, columns: readonly string[]): Promise<BulkInsert> => {
    const connection = await connect();
    await connection.query('USE ??', [database]);
    return new BulkInsert(connection, name, columns);
  };
  const product = await table('product', ['product_id', 'is_active', 'name']);
  const visit = await table('visit', ['visit_id', 'product_id', 'visitor_id', 'visit_time']);
  const sale = await table('sale', ['sale_id', 'visit_id', 'sale_time', 'amount', 'state']);
  const truth = await table(TRUE_PROPENSITY_TABLE, ['visit_id', 'propensity']);
  const features: BulkInsert[] = [];
  for (const one of plan.tables) {
    features.push(await table(one.table, ['visit_id', ...one.columns.map((column) => column.name)]));
  }
  const events: BulkInsert[] = [];
  for (const one of plan.eventTables) {
    const columns = one.columns.map((column) => column.name);
    events.push(await table(one.table, ['visit_id', 'event_time', ...columns]));
  }
  const all = [product, visit, sale, truth, ...features, ...events];
  return { product, visit, sale, truth, features, events, all };
}

/** @param length 19 = with seconds, 23 = with milliseconds */
function sqlTime(ms: number, length = 19): string {
  return new Date(ms).toISOString().slice(0, length).replace('T', ' ');
}
