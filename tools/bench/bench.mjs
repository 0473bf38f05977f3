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
 * @property {readonly {title: string, rows: readonly Row[]}[]} [tables] further ones
 * @property {Readonly<Record<string, number>>} [ratios]
 * @property {Row} [figures] further ones, for `--json`
 * @property {readonly string[]} [notes]
 *
 * @typedef {object} BenchContext
 * @property {(line: string) => void} say
 * @property {string} dataFolder where the real data sets may be
 * @property {() => Promise<Sandbox>} openServers servers of its own, closed after the benchmark
 *
 * @typedef {(context: BenchContext) => Promise<BenchResult>} Measurement
 *
 * @typedef {object} BenchOption as parseArgs takes it
 * @property {'string' | 'boolean'} type several benchmarks may have one of a name, but of one type
 * @property {string | boolean} [default]
 *
 * @typedef {object} Bench
 * @property {string} summary
 * @property {Readonly<Record<string, BenchOption>>} [options] of its own
 * @property {string} [help] on its options
 * @property {(options: OptionReader) => Measurement} prepare reads the options; tells the reader what is wrong
 */

export {};
