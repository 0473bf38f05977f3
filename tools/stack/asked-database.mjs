import { serverOf, refuseUnknownDatabase } from './servers.mjs';

/**
 * Which database a stack starts.
 *
 * @param {string | undefined} named by the command line: started as a process, neither given by the environment nor in Docker
 * @param {NodeJS.ProcessEnv} env STACK_DATABASE has the same meaning if the environment gives no address
 * @param {import('./server.mjs').ServerState | undefined} known the stack's existing database
 * @returns {string | undefined} undefined if none was requested by name
 * @throws Error if there is no such database, an address is given as well, or the stack has another one
 */
export function askedDatabase(named, env, known) {
  const asked = named ?? (env.STACK_DATABASE || undefined);
  refuseUnknownDatabase(asked);
  if (!named) return asked;
  if (known?.kind === 'given' || env.FACTORY_DATABASE_URL)
    throw new Error(`--database ${named} starts one, FACTORY_DATABASE_URL gives one: choose one of them.`);
  const wanted = serverOf('database', { database: named });
  // The data of one cannot be used by the other.
  if (known && (known.kind !== 'process' || serverOf('database', known) !== wanted))
    throw new Error(
      `The stack has another database than ${wanted.title}: take it down first, which deletes its data.`,
    );
  return named;
}
