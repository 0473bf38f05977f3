/**
 * The addresses of a server given by the environment: the caller runs that server, and this stack will
 * neither start nor stop it.
 *
 * @param {Pick<import('./server.mjs').Server, 'needs' | 'takes'>} server
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('./server.mjs').Addresses | undefined} undefined if none of its variables is set
 * @throws Error if only some of its variables are set
 */
export function givenAddresses({ needs, takes = [] }, env) {
  const missing = needs.filter((name) => !env[name]);
  if (missing.length === needs.length) return undefined;
  if (missing.length > 0) {
    const found = needs.filter((name) => env[name]);
    throw new Error(
      `${found.join(', ')} given, ${missing.join(', ')} not: set all of them to use your own server, or none.`,
    );
  }
  return Object.fromEntries(
    [...needs, ...takes].flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
