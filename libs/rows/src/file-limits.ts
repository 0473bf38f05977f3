import { BadInputError } from '@factory/domain';
import { z } from 'zod';

/** How much of a file is read at most: beyond it the file is refused, whatever it holds. */
export interface FileLimits {
  /** Columns of a file, or of a visit in JSON. */
  readonly columns: number;
  /** Characters of a row, quotes and line ends included; also of everything before the first row. */
  readonly rowCharacters: number;
  /** Bytes that a gzip file has unpacked. */
  readonly unpackedBytes: number;
  /** Bytes of a JSON file, which is read as a whole. */
  readonly jsonBytes: number;
}

const MIB = 1_048_576;
const GIB = 1_024 * MIB;

export const FILE_LIMITS: FileLimits = {
  columns: 10_000,
  rowCharacters: 1_000_000,
  unpackedBytes: 32 * GIB,
  jsonBytes: 256 * MIB,
};

const whole = (max: number) => {
  const range = `write a whole number from 1 to ${max}`;
  return z.coerce.number(range).int(range).min(1, range).max(max, range);
};

/** Variables of the environment that set them, for the command line. */
export const fileVariables = {
  FILE_MAX_COLUMNS: whole(1_000_000)
    .default(FILE_LIMITS.columns)
    .meta({ description: 'import, score: most columns of a file; one with more is refused' }),
  FILE_MAX_ROW_CHARACTERS: whole(100_000_000)
    .default(FILE_LIMITS.rowCharacters)
    .meta({ description: 'import, score: most characters of a row, and of the lines up to the header' }),
  FILE_MAX_UNPACKED_GIB: whole(1_048_576)
    .default(FILE_LIMITS.unpackedBytes / GIB)
    .meta({ description: 'import, score: most that a gzip file may have unpacked, GiB' }),
  FILE_MAX_JSON_MIB: whole(500)
    .default(FILE_LIMITS.jsonBytes / MIB)
    .meta({
      description: 'score: largest .json file, MiB, which is read as a whole; .ndjson is read by line',
    }),
};

/** The limits, from the names of the environment. */
export function fileLimitsOf(config: z.output<z.ZodObject<typeof fileVariables>>): FileLimits {
  return {
    columns: config.FILE_MAX_COLUMNS,
    rowCharacters: config.FILE_MAX_ROW_CHARACTERS,
    unpackedBytes: config.FILE_MAX_UNPACKED_GIB * GIB,
    jsonBytes: config.FILE_MAX_JSON_MIB * MIB,
  };
}

/** @throws BadInputError `too-many-columns` */
export function checkColumns(where: string, columns: number, { columns: most }: FileLimits): void {
  if (columns <= most) return;
  throw new BadInputError('too-many-columns', {
    field: where,
    value: columns,
    todo: `leave out columns that no model needs: at most ${most} are read (FILE_MAX_COLUMNS)`,
  });
}

/** A row, or what comes before the first, has more characters than are read. */
export function rowTooLong(where: string, { rowCharacters }: FileLimits, cause?: unknown): BadInputError {
  const value = `a row of more than ${rowCharacters} characters`;
  return new BadInputError(
    'row-too-long',
    { field: where, value, todo: 'close the open quote, or shorten the row (FILE_MAX_ROW_CHARACTERS)' },
    { cause },
  );
}
