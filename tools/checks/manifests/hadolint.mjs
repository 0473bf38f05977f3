import { join } from 'node:path';
import { DOCKERFILE } from '../../packing/dockerfile.mjs';
import { run } from '../../workspace/command.mjs';

/**
 * @param {{hadolint: string, top: string}} options its program, and the folder that holds `docker`
 * @returns {Promise<readonly import('./fault.mjs').Fault[]>} what hadolint says, down to its last hint
 */
export async function dockerfileFaults({ hadolint, top }) {
  const { code, output } = await run(hadolint, ['--no-color', '--format', 'json', join(top, DOCKERFILE)], {
    quiet: true,
  });
  return hintsIn(output, code).map(({ line, code: rule, message }) => ({
    file: `${DOCKERFILE}:${line}`,
    field: rule,
    value: line,
    todo: message,
  }));
}

/**
 * @param {string} output
 * @param {number} code
 * @returns {readonly {line: number, code: string, message: string}[]}
 */
function hintsIn(output, code) {
  try {
    return JSON.parse(output);
  } catch (cause) {
    throw new Error(`hadolint ended with ${code}: ${output}`, { cause });
  }
}
