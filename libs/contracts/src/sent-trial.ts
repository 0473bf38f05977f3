import {
  FIRST_FAMILY,
  isOfFamily,
  OPTIMIZERS,
  type Family,
  type SettingsByFamily,
  type Trial,
} from '@factory/domain';
import { z } from 'zod';

const numberField = z.number().int().positive();

const networkSettings = {
  /** Units of the first hidden layer. */
  node1: z.number().int().positive(),
  /** Units of the second hidden layer. */
  node2: z.number().int().positive(),
  /** Fraction of the first hidden layer's outputs that training drops. */
  dropout1: z.number().min(0).lt(1),
  /** The same of the second. */
  dropout2: z.number().min(0).lt(1),
  /** Update rule of the weights. */
  optimizer: z.enum(OPTIMIZERS),
  /** Learning rate of the first epochs. */
  learningRate: z.number().positive(),
  /** Factor on the learning rate when the validation loss stalls. */
  lrAnnealing: z.number().positive().lt(1),
  /** Rows per update. */
  batchSize: z.number().int().positive(),
  /** Maximum number of epochs. */
  epochs: z.number().int().positive(),
};

/** A trial as this release and earlier ones send it: a network, with its settings next to its number. */
const networkTrial = z
  .object({
    family: z.undefined().meta({ title: 'absent' }).optional(),
    /** Its number in the run. */
    trial: numberField,
    ...networkSettings,
  })
  .meta({ title: 'sent' });

/** The settings of each family. */
const SETTINGS_FIELDS = {
  network: z.object(networkSettings),
} satisfies { readonly [F in Family]: z.ZodType<SettingsByFamily[F]> };

/** A trial as later releases send it. */
const familyTrial = z
  .object({
    /** Kind of model. Absent: `network`, with its settings next to the number. */
    family: z.literal('network'),
    /** Its number in the run. */
    trial: numberField,
    /** What it is trained with. */
    settings: SETTINGS_FIELDS.network,
  })
  .meta({ title: 'only read' });

/**
 * A trial of `trials.queued`, as it is sent. Both forms are accepted; the first form is sent, so that services
 * of the previous release can process the group. A family that this release does not know is refused: a release
 * that sends one has to raise `v`.
 */
export const sentTrialField = z.discriminatedUnion('family', [networkTrial, familyTrial], {
  error: (issue) =>
    issue.code === 'invalid_union' ? 'use a family that this release trains: network' : undefined,
});
export type SentTrial = z.infer<typeof sentTrialField>;

/** A trial in the form that the previous release reads: a network's settings next to its number. */
export function sendTrial(trial: Trial): SentTrial {
  return isOfFamily(trial, FIRST_FAMILY) ? { trial: trial.trial, ...trial.settings } : trial;
}

/** A trial in either form. */
export function readTrial(sent: SentTrial): Trial {
  if (sent.family !== undefined) return sent;
  const { trial, family = FIRST_FAMILY, ...settings } = sent;
  return { trial, family, settings };
}
