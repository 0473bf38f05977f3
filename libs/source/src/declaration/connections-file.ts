import { parseBoundedYaml } from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LONGEST_TEXT, readTextFile } from './read-text-file';
import { WatchedFile, unreadableFile, type WatchedState } from './watched-file';

const FIELD = 'SOURCE_CONNECTIONS_FILE';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Connection strings of sources that are mounted rather than set in the environment, so that a new source or
 * password needs no restart: a YAML file of lines `NAME: mysql://...`, or a folder with one file per name, as
 * Kubernetes mounts a secret.
 */
export class ConnectionsFile {
  private readonly watched: WatchedFile<ReadonlyMap<string, string>>;

  constructor(path: string) {
    this.watched = new WatchedFile({ path, readText, parse: parseConnections });
  }

  /** The connection string of a variable; undefined if it does not exist. */
  get(name: string): string | undefined {
    return this.watched.current()?.get(name);
  }

  /** @returns whether the content in use or its fault has changed */
  refresh(): boolean {
    return this.watched.refresh();
  }

  get state(): WatchedState {
    return this.watched.state;
  }
}

/** Converts a folder to the text of the equivalent file. */
function readText(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return readTextFile(path);
    const names = readdirSync(path).filter((name) => !name.startsWith('.'));
    let left = LONGEST_TEXT;
    const read = (name: string): string => {
      const text = readTextFile(join(path, name), left);
      left -= Buffer.byteLength(text);
      return text.trim();
    };
    return JSON.stringify(Object.fromEntries(names.sort().map((name) => [name, read(name)])));
  } catch (cause) {
    throw unreadableFile('no-connections-file', FIELD, path, cause);
  }
}

/** @throws BadInputError `invalid-connections`; no connection string is shown */
export function parseConnections(text: string): ReadonlyMap<string, string> {
  let body: unknown;
  try {
    body = parseBoundedYaml(text);
  } catch {
    // The parser quotes the line with the error: it may contain a password.
    throw invalid('correct the YAML: one line `NAME: mysql://user:password@host:port/database` per source');
  }
  if (body === null || body === undefined) return new Map();
  if (typeof body !== 'object' || Array.isArray(body))
    throw invalid('write one line `NAME: mysql://user:password@host:port/database` per source');
  const entries = Object.entries(body);
  for (const [name, value] of entries) {
    if (!NAME.test(name)) throw invalid('use the names that sources.yaml gives as connectionEnv');
    if (typeof value !== 'string')
      throw invalid(`give ${name} as text: mysql://user:password@host:port/database`);
  }
  return new Map(entries as [string, string][]);
}

function invalid(todo: string): BadInputError {
  return new BadInputError('invalid-connections', { field: FIELD, value: '(hidden)', todo });
}
