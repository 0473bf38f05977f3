import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/** A clone with a history of its own, and the check as it is here. */
class Clone {
  folder = mkdtempSync(join(tmpdir(), 'releases-'));

  /** @param {...string} args */
  git(...args) {
    const as = ['-c', 'user.name=spec', '-c', 'user.email=spec@localhost'];
    return mustRun('git', [...as, ...args], { cwd: this.folder, quiet: true });
  }

  /** @param {string} version @param {readonly object[]} releases */
  async commit(version, releases) {
    this.write(version, releases);
    await this.git('add', '.');
    await this.git('commit', '--quiet', '--allow-empty', '-m', version);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** @param {string} version @param {readonly object[]} releases */
  write(version, releases) {
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ version }));
    writeFileSync(join(this.folder, 'releases.json'), JSON.stringify(releases));
    writeFileSync(
      join(this.folder, 'CHANGELOG.md'),
      ['1.0.0', '1.1.0', '1.2.0'].map((one) => `## ${one}\n`).join('\n'),
    );
    for (const part of ['releases', 'workspace'])
      cpSync(join(root, 'tools', part), join(this.folder, 'tools', part), { recursive: true });
  }

  check() {
    const script = join(this.folder, 'tools', 'releases', 'check.mjs');
    return run(process.execPath, [script], { cwd: this.folder, quiet: true });
  }
}

describe('the releases that are recorded', () => {
  /** @type {Clone} */
  let clone;
  /** @type {string} */
  let first;

  beforeEach(async () => {
    clone = new Clone();
    await clone.git('init', '--quiet');
    first = await clone.commit('1.0.0', []);
  });
  afterEach(() => rmSync(clone.folder, { recursive: true }));

  it('are commits of this history with their versions, the last being that of package.json', async () => {
    await clone.commit('1.0.0', [{ version: '1.0.0', commit: first }]);
    expect(await clone.check()).toEqual({ code: 0, output: '' });
  });

  it('may be a version behind the commit that brings it, and no further', async () => {
    const releases = [{ version: '1.0.0', commit: first }];
    clone.write('1.1.0', releases);
    expect((await clone.check()).code).toBe(0);
    const second = await clone.commit('1.1.0', releases);
    expect((await clone.check()).code).toBe(0);
    await clone.commit('1.1.0', releases);
    expect(await clone.check()).toMatchObject({
      code: 1,
      output: expect.stringContaining('record the commit'),
    });
    clone.write('1.1.0', [...releases, { version: '1.1.0', commit: second }]);
    expect((await clone.check()).code).toBe(0);
  }, 60_000);

  it('do not name a commit of another version', async () => {
    clone.write('1.2.0', [{ version: '1.2.0', commit: first }]);
    expect(await clone.check()).toMatchObject({
      code: 1,
      output: `releases.json, 1.2.0: package.json of commit ${first} says 1.0.0\n`,
    });
  });

  it('stay as they were recorded', async () => {
    const releases = [{ version: '1.0.0', commit: first }];
    const recording = await clone.commit('1.0.0', releases);
    const other = await clone.commit('1.0.0', releases);
    const stays = `releases.json, 1.0.0: is ${first} as of commit ${recording}: put it back`;
    for (const changed of [[{ version: '1.0.0', commit: other }], []]) {
      clone.write('1.0.0', changed);
      expect(await clone.check()).toMatchObject({ code: 1, output: expect.stringContaining(stays) });
      await clone.commit('1.0.0', changed);
      expect(await clone.check()).toMatchObject({ code: 1, output: expect.stringContaining(stays) });
    }
  }, 60_000);

  it('come one after the other', async () => {
    const side = await clone.commit('1.0.0', []);
    await clone.git('checkout', '--quiet', '-b', 'other', first);
    const second = await clone.commit('1.1.0', []);
    await clone.git('merge', '--quiet', '--strategy=ours', '--no-edit', side);
    const third = await clone.commit('1.2.0', []);
    const releases = [
      { version: '1.0.0', commit: first },
      { version: '1.1.0', commit: second },
    ];
    clone.write('1.2.0', [...releases, { version: '1.2.0', commit: third }]);
    expect(await clone.check()).toEqual({ code: 0, output: '' });
    clone.write('1.2.0', [
      { version: '1.0.0', commit: side },
      { version: '1.1.0', commit: second },
    ]);
    expect((await clone.check()).output).toContain(
      `commit ${side} is in the clone, but not in the history of ${second}`,
    );
  }, 60_000);

  it('are missed in words where a commit is not there', async () => {
    const nobody = 'c0ffee'.padEnd(40, '0');
    clone.write('1.0.0', [{ version: '1.0.0', commit: nobody }]);
    expect((await clone.check()).output).toContain(`commit ${nobody} is not in this clone: run git fetch`);
  });

  it('are missed in words in a shallow clone, with the command that deepens it', async () => {
    await clone.commit('1.0.0', [{ version: '1.0.0', commit: first }]);
    const shallow = new Clone();
    await shallow.git('clone', '--quiet', '--depth', '1', `file://${clone.folder}`, '.');
    expect(await shallow.check()).toMatchObject({
      code: 1,
      output: expect.stringMatching(/not in this clone, which is a shallow one: run git fetch --unshallow/),
    });
    await shallow.git('fetch', '--quiet', '--unshallow');
    expect((await shallow.check()).code).toBe(0);
    rmSync(shallow.folder, { recursive: true });
  }, 60_000);
});
