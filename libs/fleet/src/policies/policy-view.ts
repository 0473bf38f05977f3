import {
  POLICY_FIELDS,
  POLICY_NAMES,
  completeStoredPolicy,
  type ModelKey,
  type Policy,
  type PolicyField,
} from '@factory/domain';
import { Policies } from '@factory/ledger';
import type { DataSource } from 'typeorm';

/** The policy of a model, and which of its fields were set. */
export interface PolicyView extends ModelKey {
  readonly policy: Policy;
  readonly set: Readonly<Record<string, unknown>>;
}

/** One setting with its declaration. */
export interface ExplainedSetting extends Pick<
  PolicyField<unknown>,
  'unit' | 'default' | 'range' | 'meaning'
> {
  readonly name: keyof Policy;
  readonly value: unknown;
}

/** The policy of a model, defaults completed. @throws BadInputsError `invalid-policy`; ServerAwayError */
export async function policyView(ledger: DataSource, key: ModelKey): Promise<PolicyView> {
  const set = await new Policies(ledger).fieldsSet(key);
  return { ...key, policy: completeStoredPolicy(set), set };
}

/** All settings with their meanings, from the same data as their validation. */
export function explainPolicy(policy: Policy): ExplainedSetting[] {
  return POLICY_NAMES.map((name) => {
    const { meaning, unit, range, default: byDefault }: PolicyField<unknown> = POLICY_FIELDS[name];
    return { name, value: policy[name], unit, default: byDefault, range, meaning };
  });
}
