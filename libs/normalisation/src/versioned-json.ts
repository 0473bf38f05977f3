import { BadInputError, NewerVersionError } from '@factory/domain';
import { z } from 'zod';

/**
 * Reads a JSON artefact (transform, percentiles, manifest ...) that says which version of its schema it follows.
 *
 * @param artefact the file's name, for the error's text
 * @param knownVersion the only `schemaVersion` that this code reads
 * @throws NewerVersionError if the file follows a later version
 * @throws BadInputError `unknown-schema-version` if it follows none that was ever
 * @throws BadInputError `invalid-artefact` naming the first field that does not fit the schema
 */
export function parseVersioned<T>(
  artefact: string,
  knownVersion: number,
  schema: z.ZodType<T>,
  value: unknown,
): T {
  const version = z.looseObject({ schemaVersion: z.unknown() }).safeParse(value).data?.schemaVersion;
  if (Number.isSafeInteger(version) && Number(version) > knownVersion)
    throw new NewerVersionError(`${artefact}.schemaVersion`, Number(version), knownVersion);
  if (version !== knownVersion) {
    throw new BadInputError('unknown-schema-version', {
      field: `${artefact}.schemaVersion`,
      value: version,
      todo: `read it with the release that wrote it; this release reads version ${knownVersion}`,
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
