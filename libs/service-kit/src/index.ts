export { bootService, startService, type RunningService, type ServiceDefinition } from './boot';
export { waitForServers, type ServerProbe, type WaitOptions } from './check-servers';
export {
  commaList,
  describeConfig,
  loadConfig,
  parsedBy,
  variable,
  wholeNumber,
  type ConfigSchema,
  type DescribedVariable,
} from './config';
export { logFields, withLogFields, type LogFields } from './log-context';
export { ServiceMetrics } from './metrics';
export { brokerProbe, ledgerProbe, storeProbe } from './probes';
export {
  brokerVariables,
  httpVariables,
  ledgerVariables,
  poolsVariables,
  processVariables,
  serviceVariables,
  sourcesVariables,
  storeConfigOf,
  storeVariables,
  type ServiceConfig,
} from './service-config';
export { BROKER, EVENT_PUBLISHER, LOGGER, OBJECT_STORE, SERVICE_CONFIG } from './tokens';
export { inTrace, parseTraceparent, traceHeaders } from './tracing';
export { Announcer } from './announcer';
export { StageRunner, type InputOf, type StageOptions, type StageWork } from './stage-runner';
export { StageModule } from './stage.module';
export type { StageObserver } from './stage-observer';
export { SourcePatience, isWaitCause, type WaitCause } from './source-patience';
export { SourcesModule, sourceReadingVariables } from './sources.module';
export { endAfter } from './end-after';
