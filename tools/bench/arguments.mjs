import { parseArgs } from 'node:util';
import { OptionReader } from './option-reader.mjs';

/**
 * @import { Bench, BenchOption, Measurement } from './bench.mjs'
 *
 * @typedef {Readonly<Record<string, Bench>>} Benches by name
 *
 * @typedef {{wanted: 'help'}
 *   | {wanted: 'refusal', faults: string[]}
 *   | {wanted: 'bench', name: string, measure: Measurement, json: string | undefined, data: string | undefined}} Understood
 */

/** @type {Readonly<Record<string, BenchOption>>} */
const COMMON = {
  json: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', default: false },
};

/**
 * @param {readonly string[]} args of the command line
 * @param {Benches} benches
 * @returns {Understood}
 */
export function understand(args, benches) {
  const parsed = parse(args, benches);
  if ('fault' in parsed) return { wanted: 'refusal', faults: [parsed.fault] };
  const { values, positionals } = parsed;
  if (values.help) return { wanted: 'help' };
  const [name] = positionals;
  if (name === undefined) return { wanted: 'refusal', faults: ['Give the name of a benchmark.'] };
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) return { wanted: 'refusal', faults: [`There is no benchmark ${name}.`] };
  const options = { ...bench.options, ...COMMON };
  const defaults = Object.fromEntries(Object.entries(options).map(([option, one]) => [option, one.default]));
  const reader = new OptionReader({ ...defaults, ...values });
  const measure = bench.prepare(reader);
  const foreign = Object.keys(values).filter((option) => !Object.hasOwn(options, option));
  const faults = [
    ...(positionals.length > 1 ? ['Give one name.'] : []),
    ...foreign.map((option) => `${name} has no option --${option}.`),
    ...reader.faults,
  ];
  if (faults.length > 0) return { wanted: 'refusal', faults };
  return { wanted: 'bench', name, measure, json: reader.text('json'), data: reader.text('data') };
}

/**
 * The parser knows the options of all benchmarks, without defaults; options of other benchmarks are rejected later.
 *
 * @param {readonly string[]} args
 * @param {Benches} benches
 * @returns {{values: Record<string, string | boolean | undefined>, positionals: string[]} | {fault: string}}
 */
function parse(args, benches) {
  const known = [...Object.values(benches).map(({ options = {} }) => options), COMMON];
  const options = Object.fromEntries(
    known.flatMap((one) => Object.entries(one).map(([name, { type }]) => [name, { type }])),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @param {Benches} benches
 * @returns {string}
 */
export function helpText(benches) {
  const all = Object.entries(benches);
  const list = all.map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  const own = all.flatMap(([name, { help }]) => (help ? [`\n${name}:\n${help}`] : []));
  return `npm run bench -- NAME [options]

${list.join('\n')}

  --json FILE        writes the figures as JSON
  --data DIR         folder with the real data sets (default ../shared/data)
  --help             this text
${own.join('\n')}`;
}
