import { join } from 'node:path';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { cpuSeconds } from '../measure/process-costs.mjs';
import { LineProcess } from '../peers/line-process.mjs';
import { PEERS } from '../peers/python.mjs';
import { PEER_PROGRAMS } from './peer-names.mjs';

/**
 * @import { Question } from '../peers/line-process.mjs'
 * @import { NetworkShape } from './settings.mjs'
 * @import { Speed } from './speed-table.mjs'
 *
 * @typedef {object} Setting
 * @property {NetworkShape} shape
 * @property {number} batch
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(setting: Setting, workers: number) => Promise<void>} prepare new networks, one per worker, warmed up
 * @property {(seconds: number) => Promise<Speed>} turn trains for at least that long
 * @property {() => Promise<void>} close
 *
 * @typedef {{turns: {rows: number, seconds: number}[]}} Turns what each worker trained in that time
 *
 * @typedef {object} ContestantOptions
 * @property {string} python
 * @property {string} folder the data
 * @property {readonly string[] | undefined} wanted names; undefined = all
 * @property {string | undefined} nativeDir build folder of tfjs-native
 */

/** These and the settings in its program limit a peer to one thread. */
const ONE_THREAD = {
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
};
/** Other names for engines, and plain JavaScript: measured only if named. */
const NOT_UNASKED = ['auto', 'tfjs-cpu'];

/**
 * Starts the peers and every engine that loads on this machine.
 *
 * @param {ContestantOptions} options
 * @returns {Promise<{contestants: Contestant[], absent: {name: string, reason: string}[]}>}
 */
export async function openContestants({ python, folder, wanted, nativeDir }) {
  /** @param {string} name */
  const isWanted = (name) => wanted?.includes(name) ?? !NOT_UNASKED.includes(name);
  const entry = await bundleEntry('tools/bench/training/training-engine.entry.mjs');
  const start = () => new LineProcess(process.execPath, [entry]);
  const names = await engineNames(start());
  const known = [...Object.keys(PEER_PROGRAMS), ...names];
  const unknown = wanted?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`--engines ${unknown.join(',')}: there are ${known.join(', ')}`);
  /** @type {Contestant[]} */
  const contestants = Object.entries(PEER_PROGRAMS)
    .filter(([name]) => isWanted(name))
    .map(([name, program]) => new Peer(name, folder, () => startPeer(python, program)));
  /** @type {{name: string, reason: string}[]} */
  const absent = [];
  for (const name of names.filter(isWanted)) {
    const started = start();
    /** @type {{name?: string, unavailable?: string}} */
    const opened = await started.ask({ do: 'open', engine: name, nativeDir });
    // One that reports another name is selected by that, too.
    if (opened.name === name) contestants.push(new Engine(name, folder, started));
    else await started.close();
    if (opened.unavailable) absent.push({ name, reason: opened.unavailable });
  }
  return { contestants, absent };
}

/**
 * A process of a Python program, limited to one thread.
 *
 * @param {string} python
 * @param {string} program
 */
export function startPeer(python, program) {
  return new LineProcess(python, [join(PEERS, program)], ONE_THREAD);
}

/**
 * @param {LineProcess} process
 * @returns {Promise<string[]>}
 */
async function engineNames(process) {
  try {
    return await process.ask({ do: 'names' });
  } finally {
    await process.close();
  }
}

/**
 * Two workers of a peer are two processes.
 *
 * @implements {Contestant}
 */
class Peer {
  /** @type {LineProcess[]} */
  #processes = [];
  /** @type {LineProcess[]} */
  #active = [];
  #folder;
  #start;

  /**
   * @param {string} name
   * @param {string} folder
   * @param {() => LineProcess} start
   */
  constructor(name, folder, start) {
    this.name = name;
    this.#folder = folder;
    this.#start = start;
  }

  /**
   * @param {Setting} setting
   * @param {number} workers
   */
  async prepare({ shape, batch }, workers) {
    while (this.#processes.length < workers) this.#processes.push(this.#start());
    this.#active = this.#processes.slice(0, workers);
    await askAll(this.#active, { do: 'prepare', folder: this.#folder, shape, batch });
  }

  /** @param {number} seconds */
  turn(seconds) {
    return timedTurn(this.#active, seconds);
  }

  async close() {
    await Promise.all(this.#processes.map((one) => one.close()));
  }
}

/**
 * Two workers of an engine are two threads of one process that share the data.
 *
 * @implements {Contestant}
 */
class Engine {
  #folder;
  #process;

  /**
   * @param {string} name
   * @param {string} folder
   * @param {LineProcess} process
   */
  constructor(name, folder, process) {
    this.name = name;
    this.#folder = folder;
    this.#process = process;
  }

  /**
   * @param {Setting} setting
   * @param {number} workers
   */
  async prepare({ shape, batch }, workers) {
    const question = { engine: this.name, folder: this.#folder, shape, batch, workers };
    await this.#process.ask({ do: 'prepare', ...question });
  }

  /** @param {number} seconds */
  turn(seconds) {
    return timedTurn([this.#process], seconds);
  }

  close() {
    return this.#process.close();
  }
}

/**
 * @param {readonly LineProcess[]} processes
 * @param {number} seconds
 * @returns {Promise<Speed>}
 */
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

/**
 * @param {readonly LineProcess[]} processes
 * @param {Question} question
 * @returns {Promise<Turns[]>}
 */
function askAll(processes, question) {
  return Promise.all(
    processes.map((one) => {
      /** @type {Promise<Turns>} */
      const answer = one.ask(question);
      return answer;
    }),
  );
}
