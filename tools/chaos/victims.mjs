import { setTimeout as sleep } from 'node:timers/promises';
import { eraseServer, killServer, startServer } from '../stack/stack.mjs';
import { OUTAGES } from './outages.mjs';

/**
 * Kills and brings back.
 *
 * @param {object} sandbox
 * @param {import('./kept-service.mjs').KeptService[]} services
 * @param {{onAway: (role: string) => void, onBack: (role: string) => void}} watch told of servers
 * @param {import('./outages.mjs').Outages} outages
 */
export function victims(sandbox, services, watch, outages) {
  const restart = async (
    role,
    awaySeconds,
    beforeStart = async () => undefined,
    afterStart = beforeStart,
  ) => {
    watch.onAway(role);
    await killServer(sandbox.stack, role, 'SIGKILL');
    await sleep(awaySeconds * 1_000);
    await beforeStart();
    await startServer(sandbox.stack, role);
    await afterStart();
    watch.onBack(role);
  };
  const nothing = async () => undefined;
  return {
    /** Resolves when a server is back; a service is on its way back by then. */
    async kill(step) {
      const { victim, awaySeconds, copy } = step;
      if (OUTAGES.includes(victim)) return outages.cause(step);
      if (victim === 'broker and its store')
        return restart(
          'broker',
          awaySeconds,
          () => eraseServer(sandbox.stack, 'broker'),
          () => sandbox.factory('provision'),
        );
      const copies = services.filter(({ name }) => name === victim);
      if (copies.length === 0) return restart(victim, awaySeconds, nothing, nothing);
      await copies[Math.floor(copy * copies.length)].kill();
    },
  };
}
