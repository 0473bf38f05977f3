import { z } from 'zod';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** How to reach an S3 store. Values may be text, as they come from the environment. */
export const s3ConfigSchema = z.object({
  /** Address of anything but AWS; absent = AWS itself. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().min(1).default('us-east-1'),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  bucket: z.string().min(3).max(63),
  /** Put before every key, so that deployments can share a bucket; no slash at either end. */
  prefix: z
    .string()
    .default('')
    .transform((text) => text.replace(/^\/+|\/+$/g, '')),
  /** Bucket in the path and not in the host name. Default: for anything but AWS. */
  forcePathStyle: flag.optional(),
});

/** What `s3ConfigSchema` makes of its input. */
export type S3Config = z.output<typeof s3ConfigSchema>;

/** Whether the bucket goes into the path: as configured, else for every endpoint that is not AWS's own. */
export function usesPathStyle(config: Pick<S3Config, 'endpoint' | 'forcePathStyle'>): boolean {
  if (config.forcePathStyle !== undefined) return config.forcePathStyle;
  return config.endpoint !== undefined && !new URL(config.endpoint).hostname.endsWith('.amazonaws.com');
}
