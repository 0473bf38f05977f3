/**
 * @param {() => number} now milliseconds
 * @returns {(line: string) => void} prints a line after the elapsed seconds
 */
export function sayElapsed(now = Date.now) {
  const began = now();
  return (line) => console.log(`${`${((now() - began) / 1000).toFixed(0)} s`.padStart(6)}  ${line}`);
}
