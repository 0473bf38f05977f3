/** The source that is meant where none is named and several are declared. */
export const DEFAULT_SOURCE = 'main';

/**
 * Which source a request or a command means: the one that it names, else the only one that is declared, else `main`.
 *
 * @param declared names of the declared sources
 * @param named undefined = none
 */
export function sourceMeant(declared: readonly string[], named: string | undefined): string {
  const [only] = declared;
  return named ?? (declared.length === 1 && only !== undefined ? only : DEFAULT_SOURCE);
}
