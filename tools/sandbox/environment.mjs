const NEEDED = /** @type {const} */ ([
  'NATS_URL',
  'FACTORY_DATABASE_URL',
  'SOURCE_ADMIN_URL',
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'S3_BUCKET',
]);

/**
 * Environment of the factory's processes: this process's own variables and the servers' addresses.
 *
 * @typedef {NodeJS.ProcessEnv & Record<(typeof NEEDED)[number], string>} SandboxEnvironment
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {SandboxEnvironment}
 * @throws Error naming the missing addresses
 */
export function sandboxEnvironment(env) {
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`the stack did not provide ${missing.join(', ')}`);
  return /** @type {SandboxEnvironment} */ ({ ...env });
}
