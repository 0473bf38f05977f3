import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { provision } from '../stack/provision.mjs';
import { down, up } from '../stack/stack.mjs';
import { root } from '../workspace/root.mjs';

const PARENT = join(root, '.stack');
const STACK = join(PARENT, 'test');

/**
 * Servers of the specs' own, or those that the environment names, empty and provisioned; stopped at the end.
 *
 * @template T
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {(line: string) => void} say
 * @param {(runtime: import('./node-runtime.mjs').NodeRuntime) => Promise<T>} work is given their addresses
 * @returns {Promise<T>}
 */
export async function withServers(runtime, say, work) {
  try {
    const addresses = await up(STACK, { env: runtime.env, say });
    await provision(addresses, say, runtime);
    return await work({ ...runtime, env: { ...runtime.env, ...addresses } });
  } finally {
    await down(STACK);
    // Somebody's own stack may be kept beside.
    if (existsSync(PARENT) && readdirSync(PARENT).length === 0) rmdirSync(PARENT);
  }
}
