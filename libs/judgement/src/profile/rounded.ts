/** Seven digits: more would be noise, and JSON of hundreds of columns is long. Never -0, which JSON does not know. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7)) + 0;
}
