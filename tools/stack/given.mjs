/**
 * The addresses of one server as the environment gives them: the caller runs that server, and this stack will
 * neither start nor stop it.
 *
 * @param {import('./servers.mjs').Server} server
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string> | undefined} undefined when none of its names is set
 */
export function givenAddresses(server, env) {
  const missing = server.needs.filter((name) => !env[name]);
  if (missing.length === server.needs.length) return undefined;
  if (missing.length > 0) {
    const found = server.needs.filter((name) => env[name]);
    throw new Error(
      `${found.join(', ')} given, ${missing.join(', ')} not: set all of them to use your own server, or none.`,
    );
  }
  return Object.fromEntries(
    [...server.needs, ...(OPTIONAL[server.role] ?? [])]
      .filter((name) => env[name] !== undefined)
      .map((name) => [name, env[name]]),
  );
}

const OPTIONAL = { database: ['SOURCE_ADMIN_URL'], store: ['S3_REGION', 'S3_PREFIX'] };
