import { BadInputError, NewerVersionError } from '@factory/domain';
import { z } from 'zod';

/**
 * Parses a JSON artefact (transform, percentiles, manifest ...) that states the version of its schema.
 *
 * @param artefact the file's name, for the error's text
 * @param known the `schemaVersion` that this code reads, or all of them
 * @throws NewerVersionError if the file has a later version
 * @throws BadInputError `unknown-schema-version` if there never was such a version
 * @throws BadInputError `invalid-artefact` naming the first field that does not match the schema
 */
export function parseVersioned<T>(
  artefact: string,
  known: number | readonly number[],
  schema: z.ZodType<T>,
  value: unknown,
): T {
  const version = z.looseObject({ schemaVersion: z.unknown() }).safeParse(value).data?.schemaVersion;
  const versions = [known].flat();
  const latest = Math.max(...versions);
  if (Number.isSafeInteger(version) && Number(version) > latest)
    throw new NewerVersionError(`${artefact}.schemaVersion`, Number(version), latest);
  if (!versions.some((one) => one === version)) {
    throw new BadInputError('unknown-schema-version', {
      field: `${artefact}.schemaVersion`,
      value: version,
      todo: `read it with the release that wrote it; this release reads version ${versions.join(' and ')}`,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadInputError(
    'invalid-artefact',
    {
      field: [artefact, ...(issue?.path ?? [])].map(String).join('.'),
      value: issue?.message,
      todo: 'restore the file or train again',
    },
    { cause: parsed.error },
  );
}
