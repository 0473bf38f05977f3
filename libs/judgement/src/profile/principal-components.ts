import { BadInputError } from '@factory/domain';
import { chooseRows, type ChosenRows, type Passes, type RowChoice } from './profile-batch';
import { symmetricEigen } from './symmetric-eigen';

export interface PrincipalComponent {
  /** Of the variance of all columns that vary, each counting the same. */
  readonly share: number;
  /** Coefficients of the columns, largest first; their squares add up to 1, and the largest is positive. */
  readonly loadings: readonly { readonly column: string; readonly loading: number }[];
}

export interface PrincipalComponents {
  /** Columns of numbers that vary. */
  readonly columns: number;
  readonly rows: number;
  /** By their share, largest first. */
  readonly components: readonly PrincipalComponent[];
}

/** Rows whose products are added at a time, so that the columns stay in the processor's cache. */
const PANEL = 256;

/** Of a mean: a deviation below it is that of a constant column. */
const ROUNDING = 1e-9;

/** A column of numbers, with the weighted sum of its known values. */
interface Summed {
  readonly name: string;
  weight: number;
  sum: number;
}

/**
 * The first principal components of a dataset's columns of numbers: directions in which visits differ most, when each
 * column counts the same. They are the eigenvectors of the weighted correlation matrix; an unknown value counts as the
 * column's mean. Which columns go together shows in them, and how few would say nearly the same.
 *
 * Goes through the rows twice; the products take rows x columns^2 / 2 multiplications.
 * Source: Jolliffe 2002, "Principal Component Analysis", 2.3.
 *
 * @param most components, fewer if there are not as many columns
 * @throws BadInputError `no-numbers` if no column of numbers varies
 */
export function principalComponents(
  passes: Passes,
  most: number,
  choice: RowChoice = {},
): PrincipalComponents {
  const { columns, rows } = readMeans(passes, choice);
  const products = readProducts(passes, choice, columns);
  const size = columns.length;
  const variance = (at: number): number => products[at * size + at] ?? 0;
  const varying = columns.flatMap(({ name, weight, sum }, at) =>
    variance(at) > weight * (ROUNDING * (sum / weight)) ** 2 ? [{ name, at }] : [],
  );
  if (varying.length === 0)
    throw new BadInputError('no-numbers', {
      field: 'dataset',
      value: size,
      todo: 'leave --principal out: the data has no column of numbers that varies',
    });
  const correlations = Float64Array.from(
    varying.flatMap((one) =>
      varying.map(
        (other) =>
          (products[one.at * size + other.at] ?? 0) / Math.sqrt(variance(one.at) * variance(other.at)),
      ),
    ),
  );
  const names = varying.map(({ name }) => name);
  const found = symmetricEigen(correlations, names.length).slice(0, most);
  return {
    columns: names.length,
    rows,
    components: found.map(({ value, vector }) => ({
      share: Math.max(0, value) / names.length,
      loadings: loadingsOf(names, vector),
    })),
  };
}

function loadingsOf(names: readonly string[], vector: Float64Array): PrincipalComponent['loadings'] {
  const loadings = names
    .map((column, at) => ({ column, loading: vector[at] ?? 0 }))
    .sort((a, b) => Math.abs(b.loading) - Math.abs(a.loading));
  const sign = (loadings[0]?.loading ?? 0) < 0 ? -1 : 1;
  return loadings.map(({ column, loading }) => ({ column, loading: sign * loading }));
}

function readMeans(passes: Passes, choice: RowChoice): { columns: Summed[]; rows: number } {
  const columns = new Map<string, Summed>();
  let rows = 0;
  for (const batch of passes()) {
    const chosen = chooseRows(batch, choice);
    rows += chosen.count;
    for (const { name, values } of numbersOf(chosen)) {
      const column = columns.get(name) ?? { name, weight: 0, sum: 0 };
      columns.set(name, column);
      for (let at = 0; at < chosen.count; at++) {
        const value = values[chosen.rows[at] ?? 0] ?? NaN;
        if (!Number.isFinite(value)) continue;
        const weight = chosen.weights[at] ?? 0;
        column.weight += weight;
        column.sum += weight * value;
      }
    }
  }
  return { columns: [...columns.values()], rows };
}

function* numbersOf(chosen: ChosenRows) {
  for (const some of chosen.columns()) for (const column of some) if (column.kind === 'number') yield column;
}

/** [columns, columns] weighted products of the columns' differences from their means. */
function readProducts(passes: Passes, choice: RowChoice, columns: readonly Summed[]): Float64Array {
  const products = new Float64Array(columns.length ** 2);
  const places = new Map(columns.map(({ name, weight, sum }, at) => [name, { at, mean: sum / weight }]));
  for (const batch of passes()) {
    const chosen = chooseRows(batch, choice);
    const centred = new Float32Array(columns.length * chosen.count);
    for (const { name, values } of numbersOf(chosen)) {
      const { at, mean } = places.get(name) ?? { at: 0, mean: NaN };
      for (let row = 0; row < chosen.count; row++) {
        const value = values[chosen.rows[row] ?? 0] ?? NaN;
        centred[at * chosen.count + row] = Number.isFinite(value) ? value - mean : 0;
      }
    }
    for (let first = 0; first < chosen.count; first += PANEL)
      addPanel(products, columns.length, centred, chosen, first);
  }
  return products;
}

function addPanel(
  products: Float64Array,
  size: number,
  centred: Float32Array,
  { count, weights }: ChosenRows,
  first: number,
): void {
  const rows = Math.min(PANEL, count - first);
  const panel = new Float64Array(size * rows);
  for (let column = 0; column < size; column++)
    for (let row = 0; row < rows; row++)
      panel[column * rows + row] =
        (centred[column * count + first + row] ?? 0) * Math.sqrt(weights[first + row] ?? 0);
  for (let one = 0; one < size; one++)
    for (let other = 0; other <= one; other++) {
      let sum = products[one * size + other] ?? 0;
      for (let row = 0; row < rows; row++)
        sum += (panel[one * rows + row] ?? 0) * (panel[other * rows + row] ?? 0);
      products[one * size + other] = sum;
      products[other * size + one] = sum;
    }
}
