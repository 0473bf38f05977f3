import { allConsumers, consumerOf, REQUESTS_CONSUMER, STAGE_CHAIN, STREAMS } from '@factory/contracts';
import {
  brokerVariables,
  describeConfig,
  ledgerVariables,
  processVariables,
  sourcesVariables,
  storeVariables,
  variable,
} from '@factory/service-kit';
import { parseSources } from '@factory/source';
import { z } from 'zod';
import { TRAINER_POOLS_VARIABLE } from '../../../apps/cli/src/servers/provision-all';
import { ADMIN_VARIABLE } from '../../../apps/cli/src/sources/reader-account';
import { dataPrepConfig } from '../../../apps/data-prep/src/data-prep.config';
import { evaluatorConfig } from '../../../apps/evaluator/src/evaluator.config';
import { publisherConfig } from '../../../apps/publisher/src/publisher.config';
import { samplingConfig } from '../../../apps/sampling/src/sampling.config';
import { trainerConfig } from '../../../apps/trainer/src/trainer.config';

/** The CLI asks for what a command needs; these are all that any command reads. */
const cliConfig = z.object({
  ...brokerVariables,
  ...ledgerVariables,
  ...storeVariables,
  ...sourcesVariables,
  CODE_VERSION: processVariables.CODE_VERSION,
  [TRAINER_POOLS_VARIABLE]: variable(
    z.string().optional(),
    'provision: pools beside those that policies name, separated by commas',
  ),
  [ADMIN_VARIABLE]: variable(
    z.string().optional(),
    'import, simulate: connection string of an account that may create databases and accounts',
    { secret: 'password' },
  ),
});

const SCHEMAS = {
  'data-prep': dataPrepConfig,
  sampling: samplingConfig,
  trainer: trainerConfig,
  evaluator: evaluatorConfig,
  publisher: publisherConfig,
  cli: cliConfig,
};

/** Each app's variables, as its service describes them. */
export const variables = Object.fromEntries(
  Object.entries(SCHEMAS).map(([app, schema]) => [app, describeConfig(schema)]),
);

/** What the app's schema says to a value; undefined when it takes it. */
export function refusalOf(app, name, value) {
  const parsed = SCHEMAS[app].shape[name].safeParse(value === '' ? undefined : value);
  return parsed.success ? undefined : parsed.error.issues[0].message;
}

const fullName = ({ stream, durable }) => `${stream}/${durable}`;

/** The consumers that an app binds, as `<stream>/<durable>`. */
export function consumersOf(app, pools) {
  const stages = Object.keys(STAGE_CHAIN).filter((stage) => STAGE_CHAIN[stage].app === app);
  return [
    ...(app === 'data-prep' ? [fullName(REQUESTS_CONSUMER)] : []),
    ...stages.flatMap((stage) =>
      stage === 'trials'
        ? pools.map((pool) => fullName(consumerOf(stage, pool)))
        : [fullName(consumerOf(stage))],
    ),
  ];
}

/** Names of every stream, and of every consumer that provisioning makes for these pools. */
export const streams = Object.values(STREAMS).map(({ name }) => name);
export const durables = (pools) => allConsumers(pools).map(({ durable }) => durable);

/** @throws with every fault of a sources.yaml */
export function connectionVariables(sourcesYaml) {
  return [...parseSources(sourcesYaml).values()].map(({ connectionEnv }) => connectionEnv);
}
