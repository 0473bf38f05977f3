import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadModules } from '../../packing/bundle-entry.mjs';
import { root } from '../../workspace/root.mjs';

/**
 * What the code itself says of variables, streams, consumers and sources.
 *
 * @typedef {object} CodeNames
 * @property {ReadonlyMap<string, readonly DescribedVariable[]>} variables each app's, as its own schema describes them,
 *   in the order in which a retrain passes the apps
 * @property {(app: string, name: string, value: string) => string | undefined} refusalOf what the app's schema says to
 *   a value; undefined when it takes it
 * @property {ContractNames['consumersOf']} consumersOf
 * @property {ContractNames['streams']} streams
 * @property {ContractNames['durables']} durables
 * @property {ContractNames['connectionVariables']} connectionVariables
 * @property {ContractNames['checkRules']} checkRules
 *
 * @typedef {typeof import('./contract-names.entry.mjs')} ContractNames
 * @typedef {ReturnType<ContractNames['describeConfig']>[number]} DescribedVariable
 */

/** The apps as folders. */
export const appNames = () => readdirSync(join(root, 'apps'));

/**
 * Compiles and loads each app's `<app>.config.ts` and what the libs say.
 *
 * @returns {Promise<CodeNames>}
 */
export async function loadCodeNames() {
  const apps = appNames();
  const { contract, ...configs } = await loadModules('code-names', {
    contract: 'tools/checks/manifests/contract-names.entry.mjs',
    ...Object.fromEntries(apps.map((app) => [app, configFile(app)])),
  });
  const { describeConfig, appsOfChain, ...names } = /** @type {ContractNames} */ (contract);
  const inOrder = [...new Set([...appsOfChain, ...apps])];
  const schemas = new Map(inOrder.map((app) => [app, schemaIn(configs[app], app)]));
  return {
    ...names,
    variables: new Map([...schemas].map(([app, schema]) => [app, describeConfig(schema)])),
    refusalOf(app, name, value) {
      const parsed = schemas.get(app)?.shape[name]?.safeParse(value === '' ? undefined : value);
      return parsed?.error?.issues[0]?.message;
    },
  };
}

/** @param {string} app */
function configFile(app) {
  const path = `apps/${app}/src/${app}.config.ts`;
  if (existsSync(join(root, path))) return path;
  throw new Error(`${path} is missing: an app declares there what it reads of its environment`);
}

/**
 * @param {unknown} module
 * @param {string} app
 */
function schemaIn(module, app) {
  const schema = Object.values(module ?? {}).find((one) => one instanceof z.ZodObject);
  if (schema instanceof z.ZodObject) return schema;
  throw new Error(`${configFile(app)} exports no schema: export the z.object() of its variables`);
}
