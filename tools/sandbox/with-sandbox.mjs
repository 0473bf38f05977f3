import { openSandbox } from './sandbox.mjs';

/** @import { Sandbox } from './sandbox.mjs' */

/**
 * Runs `work` with a new sandbox, which is always closed afterwards.
 *
 * @template Result
 * @param {string} name
 * @param {{database?: string, say: (line: string) => void, keepLogs?: boolean}} options `database`: `mariadb` or `mysql`
 * @param {(sandbox: Sandbox) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withSandbox(name, { database, say, keepLogs = false }, work) {
  const sandbox = await openSandbox(name, { database, say });
  const close = () => sandbox.close({ keepLogs });
  closeOnSignals(close);
  try {
    return await work(sandbox);
  } finally {
    await close();
  }
}

/**
 * On Ctrl-C or SIGTERM the sandbox is closed first.
 *
 * @param {() => Promise<void>} close
 */
export function closeOnSignals(close) {
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => void close().then(() => process.exit(130)));
}
