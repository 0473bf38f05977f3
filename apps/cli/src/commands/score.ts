import type { Command } from 'commander';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { BadInputError, describeKey, messageOf, type ModelKey, type RawRow } from '@factory/domain';
import { name, product } from '../arguments';
import { loadModel, type LoadedModel } from '../champion-scorer';
import { examples, withJson, type Cli, type DataOptions } from '../cli';
import { count, percent } from '../format';
import { modelKeyOf } from '../model-key';
import { openCsv } from '../score/read-csv';
import { openJson, openNdjson } from '../score/read-json';
import { rowWriter } from '../score/row-writer';
import { SCORE_COLUMNS, VERBOSE_COLUMNS, scoreRows, type ScoreSummary } from '../score/score-rows';
import type { VisitRows } from '../score/visit-rows';

interface Options extends DataOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
  readonly version?: string;
  readonly out?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly verbose?: boolean;
}

/** `factory score`. */
export function addScore(program: Command, cli: Cli): void {
  withJson(program.command('score <file>'))
    .summary('score visits of a file with the version in force')
    .description(
      'Adds probability (natural, 0 to 1) and percentile (100 = best) to each visit. The model comes from S3; every ' +
        'file of it is checked by its hash, and its golden rows are scored first. Where the database is not at hand, ' +
        'champion.json says which version is in force. Columns that the file lacks count as unknown. ' +
        'Files: .json (a list of objects), .ndjson; anything else is CSV with a header, plain or gzip.',
    )
    .requiredOption('--product <id>', 'product whose model scores', product)
    .option('--source <name>', 'source of the product (default: the only one, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's)", name('goal'))
    .option('--version <name>', 'this version instead of the one in force')
    .option('--out <file>', 'write there instead of stdout; --json then prints a summary')
    .option('--delimiter <char>', 'of a CSV (default: found in its header)')
    .option('--encoding <name>', 'of a CSV', 'utf-8')
    .option('--verbose', 'add the logit as well')
    .addHelpText(
      'after',
      examples(
        'factory score --product 7 visits.csv > scored.csv',
        'factory score --product 7 --goal signup visits.csv.gz --out scored.csv --json',
        'factory score --product 7 --version 20240401T093000-3f2a91c0 visits.json',
      ),
    )
    .action((file: string, options: Options) => score(cli, file, options));
}

async function score(cli: Cli, file: string, options: Options): Promise<void> {
  cli.servers.require('store');
  const key = modelKeyOf(cli, options.product, options);
  const visits = await open(file, options);
  const model = await loadModel(cli, key, options.version);
  const added = options.verbose ? VERBOSE_COLUMNS : SCORE_COLUMNS;
  const replaced = visits.columns.filter((column) => added.some((one) => one === column));
  if (replaced.length > 0) cli.out.warn(`the file's own ${replaced.join(', ')} are replaced`);
  const columns = [...visits.columns.filter((column) => !replaced.includes(column)), ...added];
  const format = options.json && options.out === undefined ? 'json' : visits.format;
  const writer = rowWriter(format, columns, visits.delimiter);
  const target = options.out === undefined ? stdoutTarget(cli) : fileTarget(options.out);
  try {
    await target.write(writer.begin);
    const summary = await scoreRows(
      visits.rows(),
      visits.columns,
      model,
      options.verbose ?? false,
      (row: RawRow) => target.write(writer.row(row)),
    );
    await target.write(writer.end());
    await target.close();
    report(cli, key, model, summary, options);
  } catch (thrown) {
    await target.abandon();
    throw thrown;
  }
}

function open(file: string, options: Options): Promise<VisitRows> | VisitRows {
  if (/\.json$/i.test(file)) return openJson(file);
  if (/\.(ndjson|jsonl)$/i.test(file)) return openNdjson(file);
  return openCsv(file, options);
}

interface Target {
  write(text: string): Promise<void>;
  close(): Promise<void>;
  abandon(): Promise<void>;
}

function stdoutTarget(cli: Cli): Target {
  const stream = cli.out.stdout;
  const done = (): Promise<void> => Promise.resolve();
  return {
    write: async (text) => {
      if (!stream.write(text) && stream === process.stdout) await once(process.stdout, 'drain');
    },
    close: done,
    abandon: done,
  };
}

/** Written beside and renamed at the end: half a file is never taken for the whole. */
function fileTarget(path: string): Target {
  const beside = `${path}.part`;
  const stream = createWriteStream(beside);
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  const check = (): void => {
    if (failure === undefined) return;
    throw new BadInputError(
      'cannot-write',
      { field: 'out', value: path, todo: `give a file that can be written (${messageOf(failure)})` },
      { cause: failure },
    );
  };
  return {
    write: async (text) => {
      check();
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
      check();
    },
    close: async () => {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      check();
      await rename(beside, path);
    },
    abandon: async () => {
      stream.destroy();
      await rm(beside, { force: true });
    },
  };
}

function report(cli: Cli, key: ModelKey, model: LoadedModel, summary: ScoreSummary, options: Options): void {
  const { version, chosenBy } = model;
  if (summary.missingColumns.length > 0)
    cli.out.warn(`the file lacks ${summary.missingColumns.join(', ')}: unknown for every visit`);
  const unseen = Object.entries(summary.unseen).map(([column, times]) => `${column} ${count(times)}`);
  if (unseen.length > 0) cli.out.warn(`values that training never saw: ${unseen.join(', ')}`);
  const text =
    `scored ${count(summary.visits)} visits of ${describeKey(key)} with version ${version} (by ${chosenBy}), ` +
    `mean probability ${percent(summary.meanProbability, 3)}`;
  if (options.out === undefined) return cli.out.say(text);
  cli.out.show(options.json, { ...key, version, chosenBy, out: options.out, ...summary }, () => text);
}
