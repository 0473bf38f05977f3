import { transformSchema } from '@factory/normalisation';
import type { z } from 'zod';
import type { BundleFile } from './bundle';
import { goldenSchema } from './golden-rows';
import { logisticSchema } from './logistic/logistic-file';
import { manifestSchema } from './manifest';
import { percentilesSchema } from './percentiles';
import { profileSchema } from './profile';
import { reportSchema } from './report';

/** The schemas of a bundle's JSON files that have our own form; `model.json` has the form of TensorFlow.js. */
export const BUNDLE_SCHEMAS = {
  'logistic.json': logisticSchema,
  'transform.json': transformSchema,
  'percentiles.json': percentilesSchema,
  'golden.json': goldenSchema,
  'report.json': reportSchema,
  'profile.json': profileSchema,
  'manifest.json': manifestSchema,
} as const satisfies Partial<Record<BundleFile, z.ZodType>>;
