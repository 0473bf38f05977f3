/**
 * One thing that is killed, or made unusable.
 *
 * @typedef {object} KillStep
 * @property {string} victim
 * @property {number} pauseSeconds before it
 * @property {number} downSeconds of a server
 * @property {number} copy which process of a service, as a number in [0, 1)
 */

export {};
