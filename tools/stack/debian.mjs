import { setTimeout as delay } from 'node:timers/promises';
import { mustRun, programOnPath } from '../command.mjs';

/**
 * Installs Debian packages, as root or through sudo.
 *
 * @param {readonly string[]} packages
 * @param {string} otherwise what the reader can do where this is not possible
 */
export async function installDebian(packages, otherwise) {
  const apt = programOnPath('apt-get');
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? undefined : programOnPath('sudo');
  if (!apt || (!isRoot && !sudo)) {
    throw new Error(`${packages.join(' ')} can't be installed here (no apt-get, or not root). ${otherwise}`);
  }
  console.error(`installing ${packages.join(' ')} (apt-get)`);
  const asRoot = (args) => {
    const command = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      apt,
      '-q',
      '-o',
      'DPkg::Lock::Timeout=180',
      ...args,
    ];
    const [file, ...rest] = sudo ? [sudo, '-n', ...command] : command;
    return mustRun(file, rest, { quiet: true, todo: otherwise });
  };
  await onceUnlocked(() => asRoot(['update']));
  await asRoot(['install', '-y', '--no-install-recommends', ...packages]);
}

/** apt-get waits for the lock of its packages by itself, but not for that of its lists. */
async function onceUnlocked(update) {
  for (let attemptsLeft = 60; ; attemptsLeft--) {
    try {
      return await update();
    } catch (error) {
      if (attemptsLeft === 0 || !error.message.includes('lists/lock')) throw error;
      await delay(3000);
    }
  }
}
