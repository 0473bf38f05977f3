/**
 * What a server that this stack runs has of its own, by the names in its description.
 *
 * @typedef {object} Own
 * @property {Record<string, number>} ports
 * @property {Record<string, string>} secrets
 *
 * @typedef {'broker' | 'database' | 'store'} Role
 * @typedef {Record<string, string>} Addresses and credentials, under the names that the services read
 * @typedef {{file: string, args: readonly string[], env?: NodeJS.ProcessEnv}} Command
 */

/**
 * How one server is run.
 *
 * @typedef {object} Server
 * @property {Role} role
 * @property {string} title
 * @property {readonly string[]} ports names; each gets a free loopback port that it keeps across restarts
 * @property {readonly string[]} secrets names; each gets a random value
 * @property {readonly string[]} needs environment names that together say where a given server is
 * @property {readonly string[]} [takes] further environment names that are taken over from a given server
 * @property {() => Promise<string>} binary finds or installs its program
 * @property {(at: Own) => Addresses} environment addresses for the services
 * @property {(at: Own & {folder: string, binary: string, process?: import('./processes.mjs').Started}) => Promise<Command>}
 *   command prepares its folder, too; `process`: the one that was started last, where there was one
 * @property {(at: {env: Addresses} & Partial<Own>) => Promise<void>} ready throws while it is not
 * @property {number} [graceOnDownMs] how long `down` waits for an orderly end before it kills
 * @property {(at: Own) => readonly string[]} [leftovers] files that it leaves outside its folder
 */

/**
 * What is known of a server of a stack.
 *
 * @typedef {{kind: 'given', env: Addresses}} GivenServer the caller runs it
 * @typedef {Own & {kind: 'docker', env: Addresses, database?: string}} DockerServer
 * @typedef {Own & {kind: 'process', env: Addresses, binary: string, database?: string,
 *   process?: import('./processes.mjs').Started}} ProcessServer
 * @typedef {DockerServer | ProcessServer} OwnServer
 * @typedef {GivenServer | OwnServer} ServerState `database`: its name, where one was asked for
 */

export {};
