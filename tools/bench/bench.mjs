/**
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { OptionReader } from './option-reader.mjs'
 *
 * @typedef {string | number | boolean | null} Cell null: not measured
 * @typedef {Readonly<Record<string, Cell>>} Row
 *
 * @typedef {object} BenchResult
 * @property {readonly Row[]} rows of the table
 * @property {readonly string[]} faults why the benchmark fails; none = passed
 * @property {readonly {title: string, rows: readonly Row[]}[]} [tables] additional tables
 * @property {Readonly<Record<string, number>>} [ratios]
 * @property {Row} [figures] additional figures, for `--json`
 * @property {readonly string[]} [notes]
 *
 * @typedef {object} BenchContext
 * @property {(line: string) => void} say
 * @property {string} dataFolder where the real data sets are, if present
 * @property {() => Promise<Sandbox>} openServers starts separate servers, closed after the benchmark
 *
 * @typedef {(context: BenchContext) => Promise<BenchResult>} Measurement
 *
 * @typedef {object} BenchOption as parseArgs expects it
 * @property {'string' | 'boolean'} type benchmarks may share an option's name, but only with the same type
 * @property {string | boolean} [default]
 *
 * @typedef {object} Bench
 * @property {string} summary
 * @property {Readonly<Record<string, BenchOption>>} [options] of this benchmark
 * @property {string} [help] on its options
 * @property {(options: OptionReader) => Measurement} prepare reads the options; reports faults to the reader
 */

export {};
