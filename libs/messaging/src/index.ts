export {
  brokerAway,
  connectBroker,
  isBrokerAway,
  isBrokerRefusal,
  maskUrl,
  parseBrokerUrl,
  type BrokerAddress,
  type BrokerOptions,
} from './broker-connection';
export { checkJetStream, explainBrokerError } from './broker-fault';
export { KEPT_BODY_BYTES, isCut, type DeadLetter, type DeadLetterDraft } from './dead-letter';
export { DeadLetterRefusedError, DeadLetters } from './dead-letters';
export {
  JetStreamPublisher,
  type EventPublisher,
  type PublishOptions,
  type Published,
} from './event-publisher';
export { outcomeOfError, type HandlerOutcome } from './handler-outcome';
export { lendSlot } from './lend-slot';
export type { JetStreamMessage } from './jetstream-message';
export { JetStreamServer } from './jetstream-server';
export type { Binding, JetStreamServerOptions, SettledDelivery } from './jetstream-server-options';
export { JETSTREAM_TRANSPORT, OnConsumer } from './on-consumer';
export { ProgressPublisher, askToLook, listenToControl, watchProgress, type Unsubscribe } from './progress';
export { factoryPlan, provision, type ProvisionPlan, type StreamBounds } from './provision';
export type { Provisioned } from './compare-config';
export type { StreamDefinition } from './provision-stream';
export { WAITS_FOR_UPGRADE, progressOfNewer } from './newer-progress';
export { ProbingGate, type ProbingGateOptions, type PullGate } from './pull-gate';
export { BUSY_DELAY_MS, RETRY_DELAYS_MS, UNAVAILABLE_DELAY_MS, settle, type Settlement } from './settlement';
export { Slots } from './slots';
