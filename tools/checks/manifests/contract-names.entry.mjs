import { allConsumers, consumerOf, REQUESTS_CONSUMER, STAGE_CHAIN, STREAMS } from '@factory/contracts';
import { parseJudgementRules } from '@factory/judgement';
import { parseSources } from '@factory/source';

export { describeConfig } from '@factory/service-kit';

/** Apps in the order in which a retrain passes them. */
export const appsOfChain = [...new Set(Object.values(STAGE_CHAIN).map(({ app }) => app))];

/** @param {{stream: string, durable: string}} consumer */
const fullName = ({ stream, durable }) => `${stream}/${durable}`;

/**
 * The consumers that an app binds, as `<stream>/<durable>`.
 *
 * @param {string} app
 * @param {readonly string[]} pools
 */
export function consumersOf(app, pools) {
  const stages = /** @type {(keyof typeof STAGE_CHAIN)[]} */ (Object.keys(STAGE_CHAIN)).filter(
    (stage) => STAGE_CHAIN[stage].app === app,
  );
  return [
    ...(app === 'data-prep' ? [fullName(REQUESTS_CONSUMER)] : []),
    ...stages.flatMap((stage) =>
      stage === 'trials'
        ? pools.map((pool) => fullName(consumerOf(stage, pool)))
        : [fullName(consumerOf(stage))],
    ),
  ];
}

/** Names of every stream. */
export const streams = Object.values(STREAMS).map(({ name }) => name);

/**
 * Names of every consumer that provisioning makes for these pools.
 *
 * @param {readonly string[]} pools
 */
export const durables = (pools) => allConsumers(pools).map(({ durable }) => durable);

/**
 * @param {string} rulesYaml
 * @throws with every fault of a rules.yaml
 */
export function checkRules(rulesYaml) {
  parseJudgementRules(rulesYaml);
}

/**
 * The variables that hold the connection strings of sources.
 *
 * @param {string} sourcesYaml
 * @throws with every fault of a sources.yaml
 */
export function connectionVariables(sourcesYaml) {
  return [...parseSources(sourcesYaml).values()].map(({ connectionEnv }) => connectionEnv);
}
