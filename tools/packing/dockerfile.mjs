import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Path of the Dockerfile from the root of a workspace. */
export const DOCKERFILE = 'docker/Dockerfile';

/**
 * Settings of every container: the last stage's variables, user and port.
 *
 * @typedef {object} Image
 * @property {string} file from the root
 * @property {string | undefined} user number
 * @property {string | undefined} exposed port
 * @property {Readonly<Record<string, string>>} environment
 */

/**
 * @param {string} top the workspace's root
 * @returns {Image}
 */
export function readImage(top) {
  const text = readLines(top);
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  const environment = [...stage.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = '']) =>
    [...pairs.matchAll(/([A-Z_0-9]+)=(\S*)/g)].map(([, name, value]) => [name, value]),
  );
  return {
    file: DOCKERFILE,
    user: /^USER (\d+)/m.exec(stage)?.[1],
    exposed: /^EXPOSE (\d+)/m.exec(stage)?.[1],
    environment: Object.fromEntries(environment),
  };
}

/**
 * Folders and files that the first stage copies from the build context.
 *
 * @param {string} top the workspace's root
 * @returns {ReadonlySet<string>} paths from the root
 */
export function copiedPaths(top) {
  const firstStage = readLines(top).split(/^FROM /m)[1] ?? '';
  const copies = firstStage.matchAll(/^COPY (?!--from)(.*)$/gm);
  return new Set([...copies].flatMap(([, words = '']) => words.trim().split(/\s+/).slice(0, -1)));
}

/**
 * The Dockerfile with continued lines joined.
 *
 * @param {string} top
 */
function readLines(top) {
  return readFileSync(join(top, DOCKERFILE), 'utf8').replaceAll(/\\\n\s*/g, ' ');
}
