import { join } from 'node:path';
import { root } from '../../workspace/root.mjs';
import { importFaults } from './faults.mjs';
import { codePaths } from './layout.mjs';
import { entryFaults } from './tool-entries.mjs';

const FIXTURE = join(root, 'tools', 'checks', 'imports-fixture');

/** What the fixture does wrong. Everything else that it imports is allowed. */
const PLANTED = [
  'app-from-app: apps/stock/src/app-from-app.ts -> apps/till/src/drawer.ts',
  'app-from-outside: e2e/src/e2e-from-app.ts -> apps/till/src/main.ts',
  'app-from-outside: libs/prices/src/lib-from-app.ts -> apps/till/src/main.ts',
  'app-from-outside: market.config.mjs -> apps/till/src/main.ts',
  'app-from-outside: tools/press/tool-from-app.mjs -> apps/till/src/main.ts',
  'circle: libs/prices/src/circle-one.ts -> libs/prices/src/circle-two.ts',
  'circle: tools/press/circle-of-types-one.mjs -> tools/press/circle-of-types-two.mjs',
  'example-from-elsewhere: examples/market/coin.mjs -> libs/prices/src/index.ts',
  'example-from-elsewhere: examples/stall/sell.mjs -> examples/market/coin.mjs',
  'example-from-nothing: examples/stall/sell.mjs -> no-such-package',
  'impure-contract: libs/labels/src/impure.ts -> rxjs',
  'impure-domain: libs/prices/src/impure.ts -> fs',
  'impure-domain: libs/prices/src/impure.ts -> mysql2',
  'impure-domain: libs/prices/src/impure.ts -> zod',
  'inside-of-lib: libs/labels/src/inside-of-lib.ts -> libs/prices/src/circle-one.ts',
  'inside-of-lib: tools/press/inside-of-lib.mjs -> libs/prices/src/circle-one.ts',
  'inside-of-press: tools/mill/inside-of-another-tool.mjs -> tools/press/screw.mjs',
  'package-not-declared: apps/till/src/packages.ts -> @nats-io/nats-core',
  'package-not-delivered: apps/till/src/packages.ts -> fast-check',
  'spec-from-production: libs/prices/src/production-from-spec.ts -> libs/prices/src/coins.int-spec.ts',
  'spec-from-production: libs/prices/src/production-from-spec.ts -> libs/prices/src/conformance/index.ts',
  'spec-from-production: libs/prices/src/production-from-spec.ts -> libs/prices/src/error-fixtures.ts',
  'spec-from-production: libs/prices/src/production-from-spec.ts -> libs/prices/src/fixtures/notes.ts',
  'spec-from-production: libs/prices/src/production-from-spec.ts -> libs/prices/src/spec-coins.ts',
  'tool-from-outside: libs/prices/src/lib-from-tool.ts -> tools/press/press.mjs',
];

/** Folders that no entry names, and entries that are gone, in the fixture with `press: ['press.mjs', 'bed.mjs']`. */
const PLANTED_ENTRIES = [
  'tools/mill offers what? name it in tools/checks/imports/tool-entries.mjs',
  'tools/press/bed.mjs is no file: remove it from tools/checks/imports/tool-entries.mjs',
];

/** @returns {Promise<readonly string[]>} planted faults that were not found, and found ones that were not planted */
export async function selfTest() {
  const { faults } = await importFaults(FIXTURE, codePaths(FIXTURE), {
    entries: { press: ['press.mjs'] },
    pureLibs: { domain: ['prices'], contract: ['labels'] },
    libEntries: ['libs/prices/src/index.ts'],
  });
  const found = [
    ...faults.map(({ rule, from, to }) => `${rule}: ${from} -> ${packageOf(to)}`),
    ...entryFaults(FIXTURE, { press: ['press.mjs', 'bed.mjs'] }),
  ];
  const planted = [...PLANTED, ...PLANTED_ENTRIES];
  return [
    ...planted.filter((one) => !found.includes(one)).map((one) => `planted and not found: ${one}`),
    ...found.filter((one) => !planted.includes(one)).map((one) => `found and not planted: ${one}`),
  ];
}

/** The package of a file of one; else the file as it is. @param {string} file */
function packageOf(file) {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file;
}
