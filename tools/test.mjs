import { parseArgs } from 'node:util';
import { oneFailure } from './tests/counts.mjs';
import { roundsOf } from './tests/rounds.mjs';
import { runRounds } from './tests/run-rounds.mjs';

const HELP = `npm test [-- options [-- Jest's options]]

Installs what is missing, builds the apps, starts separate servers in .stack/test (or uses the servers that the
environment names), runs the specs, stops the servers, and ends with one line: N passed, N failed.
Without options: *.spec.ts, *.int-spec.ts and *.e2e-spec.ts on the Node.js that runs this and the database that
the stack finds (MySQL 8.4 where Docker runs, else MariaDB).

  --unit          only specs that need no server (*.spec.ts)
  --all           also slow specs that rarely find anything (*.slow-spec.ts): the kernel emulated on ARM, training in
                  TensorFlow's own code
  --node 24       everything on another Node.js, fetched from npm into .cache: Jest, apps, command line, workers,
                  native code
  --database DB   on mariadb or mysql (9 of Debian unstable, unpacked into .cache), and the demo on it
  --ci            pure specs, specs with one server and one retrain as above without options; then specs with one
                  server and all of the chain on Node 24 and mysql at once
  --              arguments after it are passed to Jest, for example: npm test -- -- -t "dead letter"`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      unit: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      ci: { type: 'boolean', default: false },
      node: { type: 'string' },
      database: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt.abort());
  // This is only a warning about the Node version, once per spec that uses S3.
  const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...process.env };
  /** @param {string} line */
  const say = (line) => console.error(line);
  const options = { env, jestOptions: positionals, signal: interrupt.signal, say };
  const total = await runRounds(roundsOf(values), options).catch((error) => oneFailure(error.message));
  close(total, interrupt.signal.aborted);
}

/**
 * The last line is machine-readable.
 *
 * @param {import('./tests/counts.mjs').Counts} total
 * @param {boolean} interrupted
 */
function close({ passed, failed, names }, interrupted) {
  for (const name of names) console.error(`FAILED ${name}`);
  if (passed === 0 && failed === 0) console.error('no spec was run');
  process.exitCode = interrupted ? 130 : failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
