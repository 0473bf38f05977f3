/** An eigenvalue of a symmetric matrix with its eigenvector, of length 1. */
export interface Eigen {
  readonly value: number;
  readonly vector: Float64Array;
}

const MOST_SWEEPS = 60;
/** Of all elements: what is left beside the diagonal is rounding. */
const ROUNDING = 1e-30;

/**
 * Eigenvalues of a symmetric matrix, largest first, by Jacobi's method: rotations that each make one element 0, until
 * nothing is left beside the diagonal. A few sweeps of size^3 steps each; the eigenvectors are orthogonal to rounding,
 * also of equal eigenvalues.
 * Source: Golub and Van Loan 2013, "Matrix Computations", 8.5.
 *
 * @param elements [size, size]
 */
export function symmetricEigen(elements: Float64Array, size: number): Eigen[] {
  const matrix = elements.slice();
  const vectors = new Float64Array(size * size);
  for (let at = 0; at < size; at++) vectors[at * size + at] = 1;
  const total = sumOfSquares(matrix, size, true);
  for (let sweep = 0; sweep < MOST_SWEEPS && sumOfSquares(matrix, size, false) > ROUNDING * total; sweep++)
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const { cos, sin } = rotationOf(matrix, size, p, q);
        if (sin === 0) continue;
        rotate(matrix, size, { first: p, second: q, step: size }, cos, sin);
        rotate(matrix, size, { first: p * size, second: q * size, step: 1 }, cos, sin);
        rotate(vectors, size, { first: p * size, second: q * size, step: 1 }, cos, sin);
      }
  return Array.from({ length: size }, (_, at) => ({
    value: matrix[at * size + at] ?? 0,
    vector: vectors.slice(at * size, (at + 1) * size),
  })).sort((a, b) => b.value - a.value);
}

/** The rotation that makes the element in row p and column q 0, by the smaller of the two angles. */
function rotationOf(
  matrix: Float64Array,
  size: number,
  p: number,
  q: number,
): { readonly cos: number; readonly sin: number } {
  const element = matrix[p * size + q] ?? 0;
  if (element === 0) return { cos: 1, sin: 0 };
  const half = ((matrix[q * size + q] ?? 0) - (matrix[p * size + p] ?? 0)) / (2 * element);
  const tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(half, 1));
  const cos = 1 / Math.hypot(tangent, 1);
  return { cos, sin: tangent * cos };
}

/** Rotates two rows, or two columns, into each other. */
function rotate(
  elements: Float64Array,
  size: number,
  { first, second, step }: { readonly first: number; readonly second: number; readonly step: number },
  cos: number,
  sin: number,
): void {
  for (let k = 0; k < size; k++) {
    const a = elements[first + k * step] ?? 0;
    const b = elements[second + k * step] ?? 0;
    elements[first + k * step] = cos * a - sin * b;
    elements[second + k * step] = sin * a + cos * b;
  }
}

/** @param all with the diagonal */
function sumOfSquares(matrix: Float64Array, size: number, all: boolean): number {
  return matrix.reduce(
    (sum, element, at) => (all || at % (size + 1) !== 0 ? sum + element * element : sum),
    0,
  );
}
