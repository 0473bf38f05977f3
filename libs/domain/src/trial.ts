import { BadInputError, NewerVersionError } from './errors';
import { NAME_PATTERN } from './names';
import type { NetworkSettings } from './network-settings';

/** Kinds of model that this release trains and scores. */
export const FAMILIES = ['network'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * The family of rows, messages and files that name none: they were written by releases that knew only this one.
 */
export const FIRST_FAMILY: Family = 'network';

/** A family with its settings: what a model is trained with. A union by family once there are several. */
export interface TrialSettings {
  readonly family: 'network';
  readonly settings: NetworkSettings;
}

/** One model of a run to be trained: its settings and its number in the grid. Numbers start at 1. */
export interface Trial extends TrialSettings {
  readonly trial: number;
}

/**
 * Maximum number of training steps of a trial, the unit in which halving counts its rungs: for a network,
 * epochs.
 */
export function mostSteps({ settings }: TrialSettings): number {
  return settings.epochs;
}

/**
 * @throws NewerVersionError for the name of a family that this release does not know: a later one may
 * @throws BadInputError `unknown-family` for what is no name
 */
export function checkFamily(value: unknown, field = 'family'): Family {
  const known = FAMILIES.find((name) => name === value);
  if (known) return known;
  if (typeof value === 'string' && NAME_PATTERN.test(value))
    throw new NewerVersionError(field, value, FAMILIES);
  throw new BadInputError('unknown-family', {
    field,
    value,
    todo: `use the name of a family: ${FAMILIES.join(', ')}`,
  });
}
