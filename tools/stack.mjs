import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

const HELP = `Servers for development and tests: NATS, MariaDB or MySQL, SeaweedFS. Loopback only.

npm run stack:up   [-- options]       starts them, provisions, prints their addresses
npm run stack:down [-- options]       stops them and deletes their data
node tools/stack.mjs status           shows which servers are running
node tools/stack.mjs start ROLE       restarts a stopped server (broker, database, store)
node tools/stack.mjs kill ROLE        kills one server; its data is kept
node tools/stack.mjs erase ROLE       deletes a stopped server's data
node tools/stack.mjs sql STATEMENT... runs statements as the root of the stack's own database
node tools/stack.mjs end-sessions USER ends the sessions of a user of the stack's own database
node tools/stack.mjs keys ID SECRET   starts the stack's own store with another key pair

  --dir FOLDER      folder for all data of the stack (default .stack)
  --json            print data instead of text
  --only ROLE       up: only this server, not provisioned (repeatable)
  --database NAME   up: mariadb, or mysql (9 of Debian unstable, unpacked into .cache), as a process; STACK_DATABASE=NAME
                    does the same if no address is given
  --no-provision    up: servers only
  --signal NAME     kill: SIGKILL (default) or SIGTERM

Servers come from, in this order: addresses in the environment (NATS_URL, FACTORY_DATABASE_URL, S3_...); a
running Docker engine (its database is MySQL 8.4); programs on the PATH; otherwise they are installed.`;

/**
 * `export NAME='value'` lines for a shell's `eval`.
 *
 * @param {Record<string, string>} env
 */
function exportLines(env) {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n');
}

/**
 * @typedef {typeof import('./stack/stack.mjs')} Stack
 *
 * @typedef {object} Options
 * @property {string} dir
 * @property {boolean} json
 * @property {boolean} no-provision
 * @property {string} [database]
 * @property {string[]} [only]
 */

/**
 * @param {Stack} stack
 * @param {Options} options
 */
async function bringUp(stack, options) {
  const { dir } = options;
  /** @param {string} line */
  const say = (line) => console.error(line);
  const only = options.only ? options.only.map(stack.roleNamed) : stack.ROLES;
  const env = await stack.up(dir, { only, database: options.database, say });
  if (!options.only && !options['no-provision']) {
    const { provision } = await import('./stack/provision.mjs');
    await provision(env, say);
  }
  console.log(options.json ? JSON.stringify(env, null, 2) : exportLines(env));
}

/**
 * @param {Stack} stack
 * @param {Options} options
 */
async function printStatus(stack, options) {
  const { dir } = options;
  const servers = await stack.status(dir);
  if (options.json) return console.log(JSON.stringify({ servers, env: stack.addresses(dir) }, null, 2));
  if (servers.length === 0) return console.log(`no stack in ${dir}`);
  for (const { role, title, kind, running, pid } of servers) {
    console.log(
      `${role.padEnd(9)} ${title.padEnd(10)} ${kind.padEnd(8)} ${running ? 'runs' : 'is down'} ${pid ?? ''}`,
    );
  }
}

/**
 * @param {string} name
 * @returns {'SIGKILL' | 'SIGTERM'}
 */
function signalNamed(name) {
  if (name === 'SIGKILL' || name === 'SIGTERM') return name;
  throw new Error(`--signal ${name}: choose from SIGKILL, SIGTERM`);
}

async function main() {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: join(root, '.stack') },
      json: { type: 'boolean', default: false },
      database: { type: 'string' },
      only: { type: 'string', multiple: true },
      'no-provision': { type: 'boolean', default: false },
      signal: { type: 'string', default: 'SIGKILL' },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, ...words] = positionals;
  if (options.help || !verb) return console.log(HELP);
  await ensurePackages();
  const stack = await import('./stack/stack.mjs');
  const { dir } = options;
  const role = () => stack.roleNamed(words[0]);
  const [accessKey = '', secretKey = ''] = words;
  /** @type {readonly (readonly [string, () => unknown])[]} */
  const verbs = [
    ['up', () => bringUp(stack, options)],
    ['down', () => stack.down(dir)],
    ['status', () => printStatus(stack, options)],
    ['start', () => stack.startServer(dir, role())],
    ['kill', () => stack.killServer(dir, role(), signalNamed(options.signal))],
    ['erase', () => stack.eraseServer(dir, role())],
    ['keys', () => stack.changeStoreKeys(dir, { accessKey, secretKey })],
    ['end-sessions', () => stack.endSessions(dir, words[0] ?? '')],
    ['sql', () => stack.runAsRoot(dir, words)],
  ];
  const found = verbs.find(([name]) => name === verb);
  if (!found) throw new Error(`${verb}: choose from ${verbs.map(([name]) => name).join(', ')}`);
  await found[1]();
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
