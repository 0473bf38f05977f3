import { BadInputError, NewerVersionError } from './errors';
import { NAME_PATTERN } from './names';
import type { NetworkSettings } from './network-settings';

/** Kinds of model that this release trains: families that a trial may be of. */
export const FAMILIES = ['network'] as const;
export type Family = (typeof FAMILIES)[number];

/** Kinds of model that this release reads and scores: those, and logistic regression, which is no trial but a baseline. */
export const SCORED_FAMILIES = [...FAMILIES, 'logistic'] as const;
export type ScoredFamily = (typeof SCORED_FAMILIES)[number];

/**
 * The family of rows, messages and files that name none: they were written by releases that knew only this one.
 */
export const FIRST_FAMILY = 'network' satisfies Family;

/** What the models of each family are trained with. */
export interface SettingsByFamily {
  readonly network: NetworkSettings;
}

/** A family with its settings: what a model is trained with. A union of all families, or of those named. */
export type TrialSettings<F extends Family = Family> = {
  [N in F]: { readonly family: N; readonly settings: SettingsByFamily[N] };
}[F];

/** One model of a run to be trained: its settings and its number in the grid. Numbers start at 1. */
export type Trial<F extends Family = Family> = TrialSettings<F> & { readonly trial: number };

/** Whether a trial is of this family; its settings then are that family's. */
export function isOfFamily<T extends { readonly family: Family }, F extends Family>(
  trial: T,
  family: F,
): trial is Extract<T, { readonly family: F }> {
  return trial.family === family;
}

/** The trial in an object that says more of it, such as its result. */
export function trialIn({ trial, family, settings }: Trial): Trial {
  return { trial, family, settings } as Trial;
}

/**
 * Maximum number of training steps of a trial, the unit in which halving counts its rungs: for a network,
 * epochs.
 */
export function mostSteps({ settings }: TrialSettings): number {
  return settings.epochs;
}

/**
 * The family of a trial.
 *
 * @throws NewerVersionError for the name of a family that this release does not train: a later one may
 * @throws BadInputError `unknown-family` for what is no name
 */
export function checkFamily(value: unknown, field = 'family'): Family {
  return checkKnown(FAMILIES, value, field);
}

/**
 * The family of a model.
 *
 * @throws NewerVersionError for the name of a family that this release does not read: a later one may
 * @throws BadInputError `unknown-family` for what is no name
 */
export function checkScoredFamily(value: unknown, field = 'family'): ScoredFamily {
  return checkKnown(SCORED_FAMILIES, value, field);
}

function checkKnown<F extends string>(families: readonly F[], value: unknown, field: string): F {
  const known = families.find((name) => name === value);
  if (known) return known;
  if (typeof value === 'string' && NAME_PATTERN.test(value))
    throw new NewerVersionError(field, value, families);
  throw new BadInputError('unknown-family', {
    field,
    value,
    todo: `use the name of a family: ${families.join(', ')}`,
  });
}
