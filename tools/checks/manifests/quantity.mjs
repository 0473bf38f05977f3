const LARGE = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SMALL = ['', 'm', 'u', 'n'];

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `2`, `1e3`) as a number; NaN for any other text.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * @param {string | number} quantity
 */
export function amountOf(quantity) {
  const [, digits, unit = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const number = Number(digits ?? NaN);
  if (LARGE.includes(unit)) return number * 1000 ** LARGE.indexOf(unit);
  if (BINARY.includes(unit)) return number * 1024 ** BINARY.indexOf(unit);
  // Divided: 700m and .7 are the same number.
  return SMALL.includes(unit) ? number / 1000 ** SMALL.indexOf(unit) : NaN;
}
