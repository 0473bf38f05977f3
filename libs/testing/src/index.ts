export { mustSucceed, runFactoryCli, runProgram, type CliRun } from './cli-process';
export {
  SERVICES,
  startFactory,
  type Factory,
  type FactoryOptions,
  type FactoryShop,
  type ServiceName,
} from './factory';
export {
  freshBucketPrefix,
  freshDatabase,
  freshNames,
  freshShop,
  freshSuffix,
  testStoreClient,
  type Fresh,
  type FreshBucketPrefix,
  type FreshDatabase,
} from './fresh';
export { freshServers, type FreshServers } from './fresh-servers';
export { configuredBroker, type ConfiguredBroker } from './configured-broker';
export { compileForSpecs } from './compile-worker';
export { freePort } from './free-port';
export { CLASHING_NAMES, NASTY_NAMES, type NastyName } from './nasty-names';
export { publishRaw, rawBlock, type RawMessage } from './raw-nats-client';
export { independentPython, repositoryRoot } from './repository';
export { restartableServer, type RestartableServer, type ServerRole } from './restartable-server';
export { AppFaultError, RunningApp, startApp, type LogLine, type StartAppOptions } from './start-app';
export { TcpForwarder, type ForwardingTarget } from './tcp-forwarder';
export { testServers, type TestServers, type TestStore } from './test-servers';
export { createTestShop, type TestShop } from './test-shop';
export { NeverHappenedError, until, type UntilOptions } from './until';
