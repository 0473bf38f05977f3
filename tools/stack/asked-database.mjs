import { serverOf, refuseUnknownDatabase } from './servers.mjs';

/**
 * Which database a stack starts.
 *
 * @param {string | undefined} named by the command line: that one as a process, neither given nor in Docker
 * @param {NodeJS.ProcessEnv} env STACK_DATABASE says the same where the environment gives no address
 * @param {import('./server.mjs').ServerState | undefined} known what the stack has already
 * @returns {string | undefined} undefined where nobody asked for one by name
 * @throws Error when there is no such database, an address is given as well, or the stack has another one
 */
export function askedDatabase(named, env, known) {
  const asked = named ?? (env.STACK_DATABASE || undefined);
  refuseUnknownDatabase(asked);
  if (!named) return asked;
  if (known?.kind === 'given' || env.FACTORY_DATABASE_URL)
    throw new Error(`--database ${named} starts one, FACTORY_DATABASE_URL gives one: choose one of them.`);
  const wanted = serverOf('database', { database: named });
  // The data of one are of no use to the other.
  if (known && (known.kind !== 'process' || serverOf('database', known) !== wanted))
    throw new Error(
      `The stack has another database than ${wanted.title}: take it down first, with what it keeps.`,
    );
  return named;
}
