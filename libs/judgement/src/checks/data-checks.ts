import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import type { CheckFinding, Checked } from './finding';
import { readFindings } from './stored-findings';

export const DATA_CHECKS_SCHEMA_VERSION = 1;

const dataChecksSchema = z.looseObject({
  schemaVersion: z.literal(DATA_CHECKS_SCHEMA_VERSION),
  /** The champion that columns were compared with; null: none was. */
  champion: z
    .looseObject({
      version: z.string(),
      /** Exclusive end of its range, ISO 8601 UTC: only later days were compared. */
      end: z.string(),
      /** Where its profile is from: its bundle, or the dataset of its run. */
      profile: z.enum(['bundle', 'dataset']),
    })
    .nullable(),
  /** Checks that were not made, each with the reason. */
  skipped: z.array(z.string()),
  findings: z.unknown().transform(readFindings),
  /** Every check in order. `chance`: of the like on clean data, for this test alone. */
  checked: z.array(
    z.object({
      code: z.string(),
      column: z.string().optional(),
      figure: z.number(),
      chance: z.number().optional(),
      found: z.boolean(),
    }),
  ),
});

/** data-checks.json: what was checked of a dataset, and what was found. */
export type DataChecks = z.infer<typeof dataChecksSchema>;

/** @throws NewerVersionError; BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseDataChecks(value: unknown): DataChecks {
  return parseVersioned('data-checks.json', DATA_CHECKS_SCHEMA_VERSION, dataChecksSchema, value);
}

export function dataChecksOf(
  { findings, checked }: { readonly findings: readonly CheckFinding[]; readonly checked: readonly Checked[] },
  compared: Pick<DataChecks, 'champion' | 'skipped'>,
): DataChecks {
  const keyOf = ({ code, column }: { code: string; column?: string | undefined }): string =>
    `${code} ${column ?? ''}`;
  const found = new Set(findings.map(keyOf));
  return {
    schemaVersion: DATA_CHECKS_SCHEMA_VERSION,
    ...compared,
    findings: findings.map((one) => ({ ...one, figure: finite(one.figure) })),
    checked: checked.map(({ code, column, figure, p }) => ({
      code,
      ...(column === undefined ? {} : { column }),
      figure: finite(figure),
      ...(p === undefined ? {} : { chance: finite(p) }),
      found: found.has(keyOf({ code, column })),
    })),
  };
}

/** JSON has no other numbers. */
function finite(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
