/**
 * @import { GridName } from '@factory/domain'
 * @import { RetrainRequested, RunFinished } from '@factory/contracts'
 * @import { NatsConnection } from '@nats-io/transport-node'
 *
 * @typedef {Partial<RetrainRequested> & Pick<RetrainRequested, 'productId'>} RetrainRequest
 */

/** @type {readonly [GridName, ...GridName[]]} */
export const GRIDS = ['quick', 'standard', 'full'];

/**
 * @param {string} text
 * @returns {GridName | undefined} undefined if there is no such grid
 */
export function gridOf(text) {
  return GRIDS.find((name) => name === text);
}

/**
 * Publishes a request exactly like a scheduler: plain core NATS, JSON.
 *
 * @param {NatsConnection} connection
 * @param {RetrainRequest} request
 */
export function requestRetrain(connection, request) {
  connection.publish('factory.retrain.requested', JSON.stringify(request));
}

/**
 * Reports every run that ends from now on; a run whose end is announced twice is reported twice.
 *
 * @param {NatsConnection} connection
 * @param {(ended: RunFinished) => void} see
 */
export function onRunFinished(connection, see) {
  connection.subscribe('factory.run.finished.>', { callback: (_error, message) => see(message.json()) });
}
