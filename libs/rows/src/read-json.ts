import { BadInputError, messageOf, type RawRow } from '@factory/domain';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { boundedLines } from './bounded-lines';
import { checkColumns, FILE_LIMITS, type FileLimits } from './file-limits';
import type { VisitRows } from './visit-rows';

type Value = RawRow[string];

/**
 * Reads a JSON file: a list of visits, or one visit.
 *
 * @throws BadInputError `no-such-file`, `not-json`, `malformed-visit`, `empty-file`, `file-too-large`,
 *   `too-many-columns`
 */
export function openJson(path: string, limits: FileLimits = FILE_LIMITS): VisitRows {
  const body = parsed(path, readText(path, limits));
  const visits = (Array.isArray(body) ? (body as unknown[]) : [body]).map((one, at) =>
    visitOf(one, `${path} visit ${at + 1}`, limits),
  );
  const [first] = visits;
  if (!first) throw emptyFile(path);
  return {
    format: 'json',
    delimiter: ',',
    columns: Object.keys(first),
    rows: async function* () {
      yield* visits;
    },
  };
}

/**
 * Reads a file with one JSON visit per line, row by row.
 *
 * @throws BadInputError as `openJson`, and `row-too-long`
 */
export async function openNdjson(path: string, limits: FileLimits = FILE_LIMITS): Promise<VisitRows> {
  const visits = visitsOf(path, limits);
  const first = await visits.next();
  if (first.done) throw emptyFile(path);
  return {
    format: 'ndjson',
    delimiter: ',',
    columns: Object.keys(first.value),
    rows: async function* () {
      yield first.value;
      yield* visits;
    },
  };
}

async function* visitsOf(path: string, limits: FileLimits): AsyncGenerator<RawRow> {
  let line = 0;
  try {
    for await (const text of boundedLines(createReadStream(path, 'utf8'), path, limits)) {
      const where = `${path} line ${++line}`;
      if (text.trim() !== '') yield visitOf(parsed(where, text), where, limits);
    }
  } catch (thrown) {
    throw thrown instanceof BadInputError ? thrown : unreadable(path, thrown);
  }
}

function visitOf(body: unknown, where: string, limits: FileLimits): RawRow {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw malformed(where, body, 'give an object with one value per column');
  checkColumns(where, Object.keys(body).length, limits);
  return Object.fromEntries(
    Object.entries(body).map(([column, value]) => [column, valueOf(value, `${where}, ${column}`)]),
  );
}

/** Databases store booleans as 1 and 0, and so do datasets. */
function valueOf(value: unknown, where: string): Value {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  throw malformed(where, value, 'give a number, text, true, false or null');
}

function readText(path: string, { jsonBytes }: FileLimits): string {
  try {
    const { size } = statSync(path);
    if (size > jsonBytes)
      throw new BadInputError('file-too-large', {
        field: path,
        value: `${size} bytes`,
        todo: `write one visit per line into an .ndjson file, which may have any size: of a .json file at most ${jsonBytes} bytes are read (FILE_MAX_JSON_MIB)`,
      });
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw thrown instanceof BadInputError ? thrown : unreadable(path, thrown);
  }
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new BadInputError(
      'not-json',
      { field: where, value: text.slice(0, 80), todo: `give JSON (${messageOf(cause)})` },
      { cause },
    );
  }
}

function malformed(field: string, value: unknown, todo: string): BadInputError {
  return new BadInputError('malformed-visit', { field, value, todo });
}

function unreadable(path: string, thrown: unknown): BadInputError {
  return new BadInputError('no-such-file', {
    field: path,
    value: messageOf(thrown),
    todo: 'give a file that can be read',
  });
}

function emptyFile(path: string): BadInputError {
  return new BadInputError('empty-file', { field: path, value: '', todo: 'give at least one visit' });
}
