import type { ModelKey, Stage } from '@factory/domain';

/** The claim that a file belongs to: its token keeps a zombie's files apart from the winner's (rules R13). */
export interface StageClaim {
  readonly run: string;
  readonly stage: Stage;
  /** `0` for stages with one shard; the group's number for trials. */
  readonly shard: string | number;
  readonly token: string | number;
}

/** `runs/<run>/<stage>/<shard>/<token>/<file>` (architecture, Data at rest). */
export function runFileKey(claim: StageClaim, file: string): string {
  return `runs/${claim.run}/${claim.stage}/${claim.shard}/${claim.token}/${file}`;
}

/** Prefix of all files of a run. */
export function runPrefix(run: string): string {
  return `runs/${run}/`;
}

/** `models/<source>/<goal>/<product>/`: all versions of one model, and its champion pointer. */
export function modelPrefix({ source, goal, product }: ModelKey): string {
  return `models/${source}/${goal}/${product}/`;
}

/** `models/<source>/<goal>/<product>/<version>/`: one immutable bundle. */
export function versionPrefix(key: ModelKey, version: string): string {
  return `${modelPrefix(key)}${version}/`;
}

/** `models/<source>/<goal>/<product>/<version>/<file>`. */
export function versionFileKey(key: ModelKey, version: string, file: string): string {
  return `${versionPrefix(key, version)}${file}`;
}

/** `models/<source>/<goal>/<product>/champion.json`: for readers without a database. */
export function championKey(key: ModelKey): string {
  return `${modelPrefix(key)}champion.json`;
}
