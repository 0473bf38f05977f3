/** Injection tokens for values without a class of their own. */
export const SERVICE_CONFIG = Symbol('service configuration');
/** The NatsConnection. */
export const BROKER = Symbol('broker');
/** An `EventPublisher`. */
export const EVENT_PUBLISHER = Symbol('event publisher');
/** An `ObjectStore`. */
export const OBJECT_STORE = Symbol('object store');
/** A pino `Logger` for plain classes; Nest's own logger has the same output. */
export const LOGGER = Symbol('logger');
/** `ConnectionsFile` of a service that reads sources; undefined if none is configured. */
export const CONNECTIONS_FILE = Symbol('CONNECTIONS_FILE');
/** The `PullGate`: closed while a server that every handler needs is unavailable. */
export const PULL_GATE = Symbol('pull gate');
/** The `ServerAlarm`. */
export const SERVER_ALARM = Symbol('server alarm');
