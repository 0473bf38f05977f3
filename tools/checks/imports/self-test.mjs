import { join } from 'node:path';
import { root } from '../../workspace/root.mjs';
import { importFaults } from './faults.mjs';
import { entryFaults } from './tool-entries.mjs';

const FIXTURE = join(root, 'tools', 'checks', 'imports-fixture');

/** What the fixture does wrong. Everything else that it imports is allowed. */
const PLANTED = [
  'app-from-app: apps/stock/src/app-from-app.ts -> apps/till/src/drawer.ts',
  'app-from-outside: e2e/src/e2e-from-app.ts -> apps/till/src/main.ts',
  'app-from-outside: libs/prices/src/lib-from-app.ts -> apps/till/src/main.ts',
  'app-from-outside: tools/press/tool-from-app.mjs -> apps/till/src/main.ts',
  'circle: libs/prices/src/circle-one.ts -> libs/prices/src/circle-two.ts',
  'circle: tools/press/circle-of-types-one.mjs -> tools/press/circle-of-types-two.mjs',
  'inside-of-press: tools/mill/inside-of-another-tool.mjs -> tools/press/screw.mjs',
  'tool-from-outside: libs/prices/src/lib-from-tool.ts -> tools/press/press.mjs',
];

/** Folders that no entry names, and entries that are gone, in the fixture with `press: ['press.mjs', 'bed.mjs']`. */
const PLANTED_ENTRIES = [
  'tools/mill offers what? name it in tools/checks/imports/tool-entries.mjs',
  'tools/press/bed.mjs is no file: remove it from tools/checks/imports/tool-entries.mjs',
];

/** @returns {Promise<readonly string[]>} planted faults that were not found, and found ones that were not planted */
export async function selfTest() {
  const { faults } = await importFaults(FIXTURE, ['apps', 'libs', 'tools', 'e2e'], {
    entries: { press: ['press.mjs'] },
  });
  const found = [
    ...faults.map(({ rule, from, to }) => `${rule}: ${from} -> ${to}`),
    ...entryFaults(FIXTURE, { press: ['press.mjs', 'bed.mjs'] }),
  ];
  const planted = [...PLANTED, ...PLANTED_ENTRIES];
  return [
    ...planted.filter((one) => !found.includes(one)).map((one) => `planted and not found: ${one}`),
    ...found.filter((one) => !planted.includes(one)).map((one) => `found and not planted: ${one}`),
  ];
}
