/** Coefficients of Lanczos 1964 for g = 7, n = 9 (Godfrey 2001): 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const TINY = 1e-300;
const MOST_STEPS = 1000;

/** @param x above 0 */
export function logGamma(x: number): number {
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, one, at) => total + (at === 0 ? one : one / (x - 1 + at)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22) in the way of Lentz 1976.
 *
 * @param x from 0 to 1
 * @param a above 0
 * @param b above 0
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

function continuedFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= MOST_STEPS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-14) break;
  }
  return h;
}

/** P(F > f) of Fisher's F with (possibly broken) degrees of freedom; the second may be Infinity as 1e9. */
export function fUpperTail(f: number, first: number, second: number): number {
  if (!(f > 0)) return 1;
  // The complement by its own fraction: 1 - I would lose small tails.
  return incompleteBeta(second / (second + first * f), second / 2, first / 2);
}

/** The f that F exceeds with this probability, within 1e-9 of itself. */
export function fQuantile(tail: number, first: number, second: number): number {
  let [low, high] = [0, 1];
  while (fUpperTail(high, first, second) > tail && high < 1e12) high *= 2;
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (fUpperTail(middle, first, second) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** P(|T| > |t|) of Student's t. */
export function tTwoSided(t: number, degrees: number): number {
  return fUpperTail(t * t, 1, degrees);
}
