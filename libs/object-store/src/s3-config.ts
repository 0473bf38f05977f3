import { z } from 'zod';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const MIB = 1_048_576;

/** How to connect to an S3 store. Values may be text, as in the environment. */
export const s3ConfigSchema = z.object({
  /** URL of the store; absent = AWS itself. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().min(1).default('us-east-1'),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  bucket: z.string().min(3).max(63),
  /** Prefix of all keys, so that deployments can share a bucket; without slashes at its ends. */
  prefix: z
    .string()
    .default('')
    .transform((text) => text.replace(/^\/+|\/+$/g, '')),
  /** Whether the bucket is in the path instead of the host name. Default: true except for AWS. */
  forcePathStyle: flag.optional(),
  /** Most bytes of an object that is read without a reference to it: `champion.json`, `manifest.json`. */
  maxDocumentBytes: z.number().int().positive().default(MIB),
  /** Most bytes of an object that is read into memory as a whole, whatever its reference says. */
  maxObjectBytes: z
    .number()
    .int()
    .positive()
    .default(1_024 * MIB),
});

export type S3Config = z.output<typeof s3ConfigSchema>;

/** Whether the bucket is in the path: as configured, otherwise for every endpoint that is not AWS's own. */
export function usesPathStyle(config: Pick<S3Config, 'endpoint' | 'forcePathStyle'>): boolean {
  if (config.forcePathStyle !== undefined) return config.forcePathStyle;
  return config.endpoint !== undefined && !new URL(config.endpoint).hostname.endsWith('.amazonaws.com');
}
