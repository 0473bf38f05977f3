/** A symmetric matrix of which the lower triangle is stored. */
export interface SymmetricMatrix {
  readonly size: number;
  /** From one row to the next: `size` up to a multiple of `TILE`, so that blocks of four columns end within a row. */
  readonly stride: number;
  /** [stride, stride], row-major; above the diagonal and beyond `size` there is no information. */
  readonly values: Float64Array;
}

/** Columns that are multiplied together. */
export const TILE = 4;

export function symmetricMatrix(size: number): SymmetricMatrix {
  const stride = TILE * Math.ceil(size / TILE);
  return { size, stride, values: new Float64Array(stride * stride) };
}

/** A smaller share of a diagonal element is what rounding left of zero. */
const LEAST_PIVOT = 1e-12;

/**
 * Replaces the matrix by its Cholesky factor L, with L L' = matrix. Where rounding would make the matrix indefinite
 * (columns that are the same but for their last digits), a pivot is raised to a 1e-12th of its diagonal element: the
 * direction of a Newton step is then still one of descent.
 *
 * @param matrix positive definite but for rounding
 */
export function factoriseInPlace({ size, stride, values }: SymmetricMatrix): void {
  for (let row = 0; row < size; row++) {
    const own = row * stride;
    for (let column = 0; column < row; column++) {
      const other = column * stride;
      let sum = values[own + column] ?? 0;
      for (let at = 0; at < column; at++) sum -= (values[own + at] ?? 0) * (values[other + at] ?? 0);
      values[own + column] = sum / (values[other + column] ?? 0);
    }
    const diagonal = values[own + row] ?? 0;
    let pivot = diagonal;
    for (let at = 0; at < row; at++) pivot -= (values[own + at] ?? 0) ** 2;
    values[own + row] = Math.sqrt(Math.max(pivot, LEAST_PIVOT * diagonal));
  }
}

/** Solves L L' x = right. @param factor from `factoriseInPlace` @returns [size] x */
export function solveFactorised(
  { size, stride, values }: SymmetricMatrix,
  right: Float64Array,
): Float64Array {
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    const own = row * stride;
    let sum = x[row] ?? 0;
    for (let at = 0; at < row; at++) sum -= (values[own + at] ?? 0) * (x[at] ?? 0);
    x[row] = sum / (values[own + row] ?? 0);
  }
  for (let row = size - 1; row >= 0; row--) {
    const own = row * stride;
    const found = (x[row] ?? 0) / (values[own + row] ?? 0);
    x[row] = found;
    for (let at = 0; at < row; at++) x[at] = (x[at] ?? 0) - (values[own + at] ?? 0) * found;
  }
  return x;
}
