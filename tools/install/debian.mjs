import { setTimeout as delay } from 'node:timers/promises';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { messageOf } from '../workspace/error-message.mjs';

/**
 * Installs Debian packages, as root or with sudo.
 *
 * @param {readonly string[]} packages
 * @param {string} otherwise what the user can do if this is not possible
 */
export async function installDebian(packages, otherwise) {
  const apt = programOnPath('apt-get');
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? undefined : programOnPath('sudo');
  if (!apt || (!isRoot && !sudo)) {
    throw new Error(`${packages.join(' ')} can't be installed here (no apt-get, or not root). ${otherwise}`);
  }
  console.error(`installing ${packages.join(' ')} (apt-get)`);
  /** @param {readonly string[]} args */
  const asRoot = (args) => {
    const command = ['DEBIAN_FRONTEND=noninteractive', apt, '-q', '-o', 'DPkg::Lock::Timeout=180', ...args];
    return mustRun(sudo ?? 'env', sudo ? ['-n', 'env', ...command] : command, {
      quiet: true,
      todo: otherwise,
    });
  };
  await onceUnlocked(() => asRoot(['update']));
  await asRoot(['install', '-y', '--no-install-recommends', ...packages]);
}

/**
 * apt-get waits for the lock of its packages, but not for the lock of its lists.
 *
 * @param {() => Promise<unknown>} update
 */
async function onceUnlocked(update) {
  for (let attemptsLeft = 60; ; attemptsLeft--) {
    try {
      return await update();
    } catch (error) {
      if (attemptsLeft === 0 || !messageOf(error).includes('lists/lock')) throw error;
      await delay(3000);
    }
  }
}
