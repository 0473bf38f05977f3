import 'reflect-metadata';
import { userInfo } from 'node:os';
import { EXIT, InterruptedError } from './program/exit-codes';
import { Output } from './rendering/output';
import { runCli } from './program/run-cli';
import { Servers } from './servers/servers';

// The AWS SDK warns every user of Node 20 that it will need a newer version; users of the command line cannot act on
// that.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (!warning.message.startsWith('NodeVersionSupportWarning')) process.stderr.write(`${warning.message}\n`);
});

const abort = new AbortController();
let interrupts = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupts++;
    if (interrupts > 1) process.exit(EXIT.interrupted);
    abort.abort(new InterruptedError());
  });
}
// A reader that closes the pipe early (`factory runs | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
});

void runCli(process.argv.slice(2), {
  out: new Output(process.stdout, process.stderr),
  servers: new Servers(),
  signal: abort.signal,
  now: () => new Date(),
  osUser: accountName(),
}).then((code) => {
  process.exitCode = code;
  if (abort.signal.aborted) process.exit(code);
});

/** Containers may run with a user id that has no account. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
