import { join } from 'node:path';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { LineProcess } from '../peers/line-process.mjs';
import { cpuSeconds } from '../measure/process-costs.mjs';
import { PEERS } from '../peers/python.mjs';

/** What the factory is compared with, by name: a program in peers/. */
const PEER_PROGRAMS = {
  'keras-fit': 'keras_fit.py',
  'tf-function': 'tf_function.py',
  'jax-scan': 'jax_scan.py',
};
/** Whole epochs in one compiled call: who is fastest of them in a round is its strongest peer. */
export const STRONG_PEERS = ['tf-function', 'jax-scan'];
export const KERAS = 'keras-fit';

/** Threads of a peer are held to one by these and by what its program sets. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
};
/** Other names for engines, and plain JavaScript: measured only when named. */
const NOT_UNASKED = ['auto', 'tfjs-cpu'];

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(setting: object, workers: number) => Promise<void>} prepare fresh networks, one a worker, warmed up
 * @property {(seconds: number) => Promise<{rowsPerSecond: number, cores: number}>} turn trains for at least so long;
 *   `cores`: processor seconds by seconds
 * @property {() => Promise<void>} close
 */

/**
 * Starts the peers and every engine that loads here.
 *
 * @param {{python: string, folder: string, wanted: string[] | undefined, nativeDir: string | undefined}} options
 *   `folder`: the data; `wanted`: names, absent = all; `nativeDir`: where tfjs-native was built
 * @returns {Promise<{contestants: Contestant[], absent: {name: string, reason: string}[]}>}
 */
export async function openContestants({ python, folder, wanted, nativeDir }) {
  const isWanted = (name) => wanted?.includes(name) ?? !NOT_UNASKED.includes(name);
  const peers = Object.entries(PEER_PROGRAMS)
    .filter(([name]) => isWanted(name))
    .map(([name, program]) => peer({ name, folder, start: () => startPeer(python, program) }));
  const entry = await bundleEntry('tools/bench/training/training-engine.entry.mjs');
  const start = () => new LineProcess(process.execPath, [entry]);
  const first = start();
  const names = await first.ask({ do: 'names' });
  await first.close();
  const known = [...Object.keys(PEER_PROGRAMS), ...names];
  const unknown = wanted?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`--engines ${unknown.join(',')}: there are ${known.join(', ')}`);
  const engines = [];
  const absent = [];
  for (const name of names.filter(isWanted)) {
    const process = start();
    const opened = await process.ask({ do: 'open', engine: name, nativeDir });
    // One that answers by another name is reached by that, too.
    if (opened.name === name) engines.push(engine({ name, folder, process }));
    else await process.close();
    if (opened.unavailable) absent.push({ name, reason: opened.unavailable });
  }
  return { contestants: [...peers, ...engines], absent };
}

/** A process of a Python program held to one thread. */
export function startPeer(python, program) {
  return new LineProcess(python, [join(PEERS, program)], ONE_THREAD);
}

/** Two workers of a peer are two processes. */
function peer({ name, folder, start }) {
  const processes = [];
  let active = [];
  return {
    name,
    async prepare({ shape, batch }, workers) {
      while (processes.length < workers) processes.push(start());
      active = processes.slice(0, workers);
      await askAll(active, { do: 'prepare', folder, shape, batch });
    },
    turn: (seconds) => timedTurn(active, seconds),
    close: () => Promise.all(processes.map((one) => one.close())),
  };
}

/** Two workers of an engine are two threads of one process that share the data. */
function engine({ name, folder, process }) {
  return {
    name,
    async prepare({ shape, batch }, workers) {
      await process.ask({ do: 'prepare', engine: name, folder, shape, batch, workers });
    },
    turn: (seconds) => timedTurn([process], seconds),
    close: () => process.close(),
  };
}

async function timedTurn(processes, seconds) {
  const cpu = () => processes.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  const [cpuBefore, began] = [cpu(), performance.now()];
  const answers = await askAll(processes, { do: 'turn', seconds });
  const turns = answers.flatMap((answer) => answer.turns);
  return {
    rowsPerSecond: turns.reduce((sum, { rows, seconds: spent }) => sum + rows / spent, 0),
    cores: ((cpu() - cpuBefore) * 1_000) / (performance.now() - began),
  };
}

const askAll = (processes, question) => Promise.all(processes.map((one) => one.ask(question)));
