import { createRequire } from 'node:module';
import { bundleEntry } from './bundle-entry.mjs';

/**
 * Bundles a tool's `<name>.entry.mjs` and loads it into this process.
 *
 * @template Module `typeof import(...)` of the entry
 * @param {string} entry path from the root
 * @returns {Promise<Module>} its exports
 */
export async function loadEntry(entry) {
  return createRequire(import.meta.url)(await bundleEntry(entry));
}
