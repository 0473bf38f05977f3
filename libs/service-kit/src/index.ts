export { bootService, startService, type RunningService, type ServiceDefinition } from './boot';
export { waitForServers, type ServerProbe, type WaitOptions } from './check-servers';
export {
  commaList,
  describeConfig,
  loadConfig,
  namedVariable,
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
export {
  BROKER,
  EVENT_PUBLISHER,
  LOGGER,
  OBJECT_STORE,
  SERVICE_CONFIG,
  CONNECTIONS_FILE,
  PULL_GATE,
} from './tokens';
export { inTrace, parseTraceparent, traceHeaders } from './tracing';
export { SourceMetrics, sourceMetricsProviders } from './source-metrics';
export { SourcesInUse, sourcesInUseProviders } from './sources-in-use';
export { RulesInUse, RulesModule, loadRules, rulesVariables } from './rules-in-use';
