/**
 * Ports and secrets of a server that this stack runs, by the names in its description.
 *
 * @typedef {object} Own
 * @property {Record<string, number>} ports
 * @property {Record<string, string>} secrets
 *
 * @typedef {'broker' | 'database' | 'store'} Role
 * @typedef {Record<string, string>} Addresses and credentials, by the variable names that the services read
 * @typedef {{file: string, args: readonly string[], env?: NodeJS.ProcessEnv}} Command
 */

/**
 * How to run one server.
 *
 * @typedef {object} Server
 * @property {Role} role
 * @property {string} title
 * @property {readonly string[]} ports names; each gets a free loopback port that stays the same across restarts
 * @property {readonly string[]} secrets names; each gets a random value
 * @property {readonly string[]} needs environment variables that together locate a given server
 * @property {readonly string[]} [takes] additional environment variables that are copied for a given server
 * @property {() => Promise<string>} binary finds or installs its program
 * @property {(at: Own) => Addresses} environment addresses for the services
 * @property {(at: Own & {folder: string, binary: string, process?: import('./processes.mjs').Started}) => Promise<Command>}
 *   command also prepares its folder; `process`: the previous process, if any
 * @property {(at: {env: Addresses} & Partial<Own>) => Promise<void>} ready throws while it is not ready
 * @property {number} [graceOnDownMs] how long `down` waits for an orderly stop before it kills
 * @property {(at: Own) => readonly string[]} [leftovers] files that it leaves behind outside its folder
 */

/**
 * The stored state of a stack's server.
 *
 * @typedef {{kind: 'given', env: Addresses}} GivenServer the caller runs it
 * @typedef {Own & {kind: 'docker', env: Addresses, database?: string}} DockerServer
 * @typedef {Own & {kind: 'process', env: Addresses, binary: string, database?: string,
 *   process?: import('./processes.mjs').Started}} ProcessServer
 * @typedef {DockerServer | ProcessServer} OwnServer
 * @typedef {GivenServer | OwnServer} ServerState `database`: its name, if one was requested
 */

export {};
