import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';

/** The same keys sign every suite. */
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks a Debian package of another suite with all its dependencies, including the C library, into a folder.
 * Nothing is installed and the state of this machine's apt is not changed, so no root rights are needed.
 *
 * @param {string} name of the package
 * @param {{suite: string, folder: string, otherwise: string}} options `folder`: empty, receives the root of the packages;
 *   `otherwise`: what the user can do if this is not possible
 * @returns {Promise<string>} version of the downloaded package
 * @throws Error if there is no Debian apt, or its mirror can't be reached or has no such package
 */
export async function unpackDebian(name, { suite, folder, otherwise }) {
  if (!programOnPath('apt-get') || !programOnPath('dpkg-deb'))
    throw new Error(
      `${name} of Debian ${suite} is unpacked by apt-get and dpkg-deb, which are not available here. ${otherwise}`,
    );
  const work = join(folder, '.apt');
  try {
    const archives = await download(name, { suite, work, otherwise });
    for (const archive of archives)
      await mustRun('dpkg-deb', ['--extract', archive, folder], { quiet: true });
    const own = archives.find((archive) => archive.includes(`/${name}_`));
    if (!own)
      throw new Error(`apt-get downloaded ${name} of Debian ${suite} under another name. ${otherwise}`);
    return (await mustRun('dpkg-deb', ['--field', own, 'Version'], { quiet: true })).trim();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Uses a separate apt state in which nothing is installed, so that the C library is downloaded, too.
 *
 * @param {string} name
 * @param {{suite: string, work: string, otherwise: string}} options `work`: a folder for apt's state
 * @returns {Promise<string[]>} paths of the archives
 */
async function download(name, { suite, work, otherwise }) {
  const archives = join(work, 'cache', 'archives');
  for (const one of [archives, join(work, 'lists')]) mkdirSync(join(one, 'partial'), { recursive: true });
  const mirror = await debianMirror(otherwise);
  const sources = join(work, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYS}] ${mirror} ${suite} main\n`);
  const options = {
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State': work,
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::State::Status': '/dev/null',
    'Dir::Cache': join(work, 'cache'),
    // apt would switch to a user that may not write here.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'APT::Update::Error-Mode': 'any',
  };
  const apt = (/** @type {string[]} */ ...args) =>
    mustRun(
      'apt-get',
      ['-q', ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]), ...args],
      {
        quiet: true,
        todo: `Debian ${suite} can't be read from ${mirror}: check that it can be reached. ${otherwise}`,
      },
    );
  await apt('update');
  await apt('install', '--download-only', '--no-install-recommends', '-y', name);
  return readdirSync(archives)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(archives, file));
}

/**
 * @param {string} otherwise
 * @returns {Promise<string>} address of the mirror that this machine's own packages come from
 */
async function debianMirror(otherwise) {
  const asked = await mustRun('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { quiet: true });
  const mirror = asked.split('\n').find((address) => /\/debian\/?$/.test(address));
  if (mirror) return mirror;
  throw new Error(`No mirror of Debian is among the package sources of this machine. ${otherwise}`);
}
