import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../workspace/command.mjs';

const DOCKERFILE = 'docker/Dockerfile';

/** @returns {Promise<import('./fault.mjs').Fault[]>} what hadolint says, down to its last hint */
export async function dockerfileFaults({ hadolint, top }) {
  const { code, output } = await run(hadolint, ['--no-color', '--format', 'json', join(top, DOCKERFILE)], {
    quiet: true,
  });
  try {
    return JSON.parse(output).map(({ line, code: rule, message }) => ({
      file: `${DOCKERFILE}:${line}`,
      field: rule,
      value: line,
      todo: message,
    }));
  } catch {
    throw new Error(`hadolint ended with ${code}: ${output}`);
  }
}

/** What every container starts with: the last stage's variables and user. */
export function readImage(top) {
  const text = readFileSync(join(top, DOCKERFILE), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  const environment = [...stage.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs]) =>
    [...pairs.matchAll(/([A-Z_0-9]+)=(\S*)/g)].map(([, name, value]) => [name, value]),
  );
  return {
    file: DOCKERFILE,
    user: /^USER (\d+)/m.exec(stage)?.[1],
    exposed: /^EXPOSE (\d+)/m.exec(stage)?.[1],
    environment: Object.fromEntries(environment),
  };
}
