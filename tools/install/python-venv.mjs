import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, programOnPath, run } from '../workspace/command.mjs';
import { installDebian } from './debian.mjs';

/**
 * Creates a Python environment with exactly these packages, or finds the one created earlier.
 *
 * @param {string} folder
 * @param {readonly string[]} requirements pinned, `name==version`
 * @returns {Promise<string>} the folder with its programs
 */
export async function pythonVenv(folder, requirements) {
  const marker = join(folder, 'requirements.txt');
  const wanted = `${requirements.join('\n')}\n`;
  const programs = join(folder, 'bin');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return programs;
  const python = programOnPath('python3');
  if (!python) {
    throw new Error(`Python 3 is needed to install ${requirements.join(', ')}: put python3 on the PATH.`);
  }
  console.error(`installing ${requirements.join(', ')}`);
  mkdirSync(folder, { recursive: true });
  // Debian's Python lacks the module that creates environments.
  if ((await run(python, ['-m', 'venv', folder], { quiet: true })).code !== 0) {
    await installDebian(['python3-venv'], 'Install the Python module venv.');
    await mustRun(python, ['-m', 'venv', '--clear', folder], { quiet: true });
  }
  await mustRun(
    join(programs, 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...requirements],
    { quiet: true, todo: 'Check that the Python package index can be reached, then run it again.' },
  );
  writeFileSync(marker, wanted);
  return programs;
}
