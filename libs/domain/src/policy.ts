import { BadInputsError, NewerVersionError, type Refusal } from './errors';
import { POLICY_FIELDS, POLICY_NAMES, type Policy, type PolicyField } from './policy-fields';

export const DEFAULT_POLICY = Object.fromEntries(
  POLICY_NAMES.map((name) => [name, POLICY_FIELDS[name].default]),
) as unknown as Policy;

/**
 * Completes the given settings with the defaults, or with `base`.
 *
 * @throws BadInputsError `invalid-policy` naming every unknown field and every value out of range
 */
export function completePolicy(
  given: Readonly<Record<string, unknown>>,
  base: Policy = DEFAULT_POLICY,
): Policy {
  const refusals = Object.entries(given).flatMap(([field, value]) => refuse(field, value));
  if (refusals.length > 0) throw new BadInputsError('invalid-policy', refusals);
  return { ...base, ...given };
}

/**
 * Completes the stored settings of a product. Fields of a later release are kept, so that they reach a service
 * that knows them: they were checked by the command that set them.
 *
 * @throws BadInputsError `invalid-policy` naming every value of a known field that is out of range
 */
export function completeStoredPolicy(stored: Readonly<Record<string, unknown>>): Policy {
  return { ...completePolicy(knownFields(stored)), ...fieldsOfLaterReleases(stored) };
}

/** The fields of a stored policy that this release does not know, with their values. */
export function fieldsOfLaterReleases(
  stored: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !isPolicyName(name)));
}

/**
 * A policy as it is stored with a run, in fields that every release reads: during a rolling upgrade an older
 * service may do the run's next stage. The whole range is stored as an empty list of thresholds. Fields of
 * later releases are kept.
 */
export function policyOfRun({ window, ...fields }: Policy): Omit<Policy, 'window'> {
  return window === 'all' ? { ...fields, windowThresholds: [] } : fields;
}

/**
 * Reads what `policyOfRun` stored, completed with defaults. Fields of a later release, which this one cannot
 * apply, are ignored: they were checked when they were set. So was every value: one that this release does not
 * take is of a later release.
 *
 * @throws NewerVersionError naming the first such value
 */
export function completePolicyOfRun(kept: Readonly<Record<string, unknown>>): Policy {
  const known = knownFields(kept);
  for (const name of POLICY_NAMES) {
    const { accepts, range }: PolicyField<unknown> = POLICY_FIELDS[name];
    if (Object.hasOwn(known, name) && !accepts(known[name]))
      throw new NewerVersionError(`policy.${name}`, known[name], [range]);
  }
  return completePolicy(known);
}

/**
 * One setting of a run's stored policy, for readers that only need this one and cannot wait.
 *
 * @param kept undefined or null if it cannot be read
 * @returns undefined if this release cannot read the setting
 */
export function settingOfRun<F extends keyof Policy>(
  kept: Readonly<Record<string, unknown>> | null | undefined,
  name: F,
): Policy[F] | undefined {
  if (!kept) return undefined;
  if (!Object.hasOwn(kept, name)) return DEFAULT_POLICY[name];
  const value = kept[name];
  const { accepts }: PolicyField<unknown> = POLICY_FIELDS[name];
  return accepts(value) ? (value as Policy[F]) : undefined;
}

function knownFields(stored: Readonly<Record<string, unknown>>): { readonly [F in keyof Policy]?: unknown } {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => isPolicyName(name)));
}

function refuse(name: string, value: unknown): Refusal[] {
  const todo = whatToDo(name, value);
  return todo ? [{ field: `policy.${name}`, value, todo }] : [];
}

function whatToDo(name: string, value: unknown): string | undefined {
  if (!isPolicyName(name)) return `remove it, or use one of ${POLICY_NAMES.join(', ')}`;
  const { accepts, todo }: PolicyField<unknown> = POLICY_FIELDS[name];
  return accepts(value) ? undefined : todo;
}

function isPolicyName(name: string): name is keyof Policy {
  return Object.hasOwn(POLICY_FIELDS, name);
}
