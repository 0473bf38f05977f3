import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { root } from '../../workspace/root.mjs';

/**
 * What the code itself says of variables, streams, consumers and sources: the services' own schemas, compiled
 * and loaded.
 */
export async function loadCodeNames() {
  return createRequire(import.meta.url)(await bundleEntry('tools/checks/manifests/code-names.entry.mjs'));
}

/** The apps as folders. */
export const appNames = () => readdirSync(join(root, 'apps'));
