import { loadCodeNames } from './code-names.mjs';
import { faultText } from './fault.mjs';
import { inspect } from './inspect.mjs';
import { manifestPrograms } from './programs.mjs';
import { selfTest } from './self-test.mjs';
import { root } from '../../workspace/root.mjs';

const HELP = `node tools/checks/manifests/check.mjs [--self-test]

Renders k8s/base and its overlays, compares each document with Kubernetes' models and its names with the code,
and lints docker/Dockerfile. --self-test: only plants faults in a copy and expects each to be found, which a
normal run does as well. Ends with 1 when there is a fault.`;

const OVERLAYS = ['k8s/base', 'k8s/overlays/dev', 'k8s/overlays/prod'];

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const tools = { code: await loadCodeNames(), programs: await manifestPrograms() };
  const missed = await selfTest(tools);
  for (const text of missed) console.error(`self-test: ${text}`);
  if (missed.length > 0) process.exitCode = 1;
  if (process.argv.includes('--self-test')) return;

  const { faults, documents } = await inspect(root, OVERLAYS, tools);
  for (const fault of faults) console.error(faultText(fault));
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`manifests: ${documents} documents of ${OVERLAYS.length} renderings agree with the code`);
}

await main();
