import { describeKey, type ModelKey } from '@factory/domain';
import { describeUnfit } from '@factory/model';
import {
  withOwnRules,
  type FileLimits,
  type OwnRules,
  type ReadingRules,
  decimalOf,
  delimiterOf,
  thousandsOf,
  openCsv,
  openJson,
  openNdjson,
  type VisitRows,
} from '@factory/rows';
import type { Command } from 'commander';
import { name, product, versionName } from '../program/arguments';
import { loadModel, type LoadedModel } from '../score/load-model';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { withFile } from '../program/file-argument';
import { count, percent } from '../rendering/format';
import { declaredSources, modelKeyOf } from '../sources/model-key';
import { printedRow, rowWriter } from '../score/row-writer';
import {
  SCORE_COLUMNS,
  VERBOSE_COLUMNS,
  scoreRows,
  type ScoreRowsOptions,
  type ScoreSummary,
} from '../score/score-rows';
import { fileTarget, stdoutTarget } from '../score/write-target';

interface Options extends DataOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
  readonly version?: string;
  readonly out?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly header?: boolean;
  readonly decimal?: OwnRules['decimal'];
  readonly thousands?: OwnRules['thousands'];
  readonly missing?: readonly string[];
  readonly verbose?: boolean;
  readonly allowMissing?: readonly string[];
  readonly allowUnfit?: boolean;
  readonly spreadsheet?: boolean;
}

/** `factory score`. */
export function addScore(program: Command, cli: Cli): void {
  withJson(program.command('score [file]'))
    .summary('score the visits of a file with the version in force')
    .description(
      "Adds probability (0 to 1, at the shop's base rate) and percentile (0 to 100, 100 = highest score) to each visit. " +
        'The model is loaded from S3; all its files are checked against their hashes, and its golden rows are scored ' +
        'first. If the database is not available, champion.json says which version is in force. Column names match in ' +
        'upper or lower case. Rows that do not fit the model are refused with exit code 7: a file without one of its ' +
        'columns and, with 200 rows or more, a column whose values are far more often unknown, unseen or out of range ' +
        'than in training. This is checked on the first 5,000 rows before anything is written, and on all rows at the ' +
        'end. Files: .json (a list of objects) and .ndjson (an object per line); anything else is CSV with a header. ' +
        'Each may be gzipped.',
    )
    .requiredOption('--product <id>', 'id of the product whose model is used', product)
    .option('--source <name>', 'source of the product (default: the only source, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's default goal)", name('goal'))
    .option('--version <name>', 'use this version instead of the one in force', versionName('version'))
    .option('--out <file>', 'write to this file instead of stdout; --json then prints a summary')
    .option(
      '--delimiter <char>',
      'of a CSV: comma, semicolon, tab, pipe, colon, space or a character (default: detected)',
      delimiterOf,
    )
    .option('--encoding <name>', 'of a CSV', 'utf-8')
    .option('--header', 'the first line of a CSV contains column names, even if they look like values')
    .option(
      '--decimal <char>',
      'decimal separator: comma or dot (default: as the source was imported)',
      decimalOf,
    )
    .option(
      '--thousands <char>',
      'thousands separator: comma, dot, space, apostrophe, underscore or none (default: as the source was imported)',
      thousandsOf,
    )
    .option('--missing <mark...>', 'cell values that mean unknown (default: as the source was imported)')
    .option(
      '--allow-missing <column...>',
      'allow these columns to be missing; they count as unknown in every row. all: any column',
    )
    .option('--allow-unfit', 'score even if columns do not look like those of training')
    .option(
      '--spreadsheet',
      'for a CSV that is opened in a spreadsheet: text that begins like a formula (= + - @) gets an apostrophe before it',
    )
    .option('--verbose', 'also add the logit')
    .addHelpText(
      'after',
      examples(
        'factory score --product 7 visits.csv > scored.csv',
        'factory score --product 7 --goal signup visits.csv.gz --out scored.csv --json',
        'factory score visits.csv --product 7 --allow-missing last_campaign > scored.csv',
        'factory score --product 7 --version 20240401T093000-3f2a91c0 visits.json',
      ),
    )
    .action((given: string | undefined, options: Options) => {
      const { file, options: own } = withFile(given, options);
      return score(cli, file, own);
    });
}

async function score(cli: Cli, file: string, options: Options): Promise<void> {
  cli.servers.require('store');
  const key = modelKeyOf(cli, options.product, options);
  const visits = await open(file, { ...options, limits: cli.servers.fileLimits });
  const model = await loadModel(cli, key, options.version);
  const added = options.verbose ? VERBOSE_COLUMNS : SCORE_COLUMNS;
  const replaced = visits.columns.filter((column) => added.some((one) => one === column));
  if (replaced.length > 0) cli.out.warn(`these columns of the file are replaced: ${replaced.join(', ')}`);
  const columns = [...visits.columns.filter((column) => !replaced.includes(column)), ...added];
  const format = options.json && options.out === undefined ? 'json' : visits.format;
  const writer = rowWriter(format, columns, visits.delimiter, options.spreadsheet);
  const target = options.out === undefined ? stdoutTarget(cli.out.stdout) : fileTarget(options.out);
  try {
    const summary = await scoreRows(visits, model, rowOptions(options, rulesOf(cli, key, options)), {
      begin: () => target.write(writer.begin),
      row: (row) => target.write(writer.row(printedRow(row))),
    });
    await target.write(writer.end());
    await target.close();
    report(cli, key, model, summary, options);
  } catch (thrown) {
    await target.abandon();
    throw thrown;
  }
}

/** The options, or else the rules that the source was imported with (`csv` of its entry in sources.yaml). */
function rulesOf(cli: Cli, { source }: ModelKey, options: Options): ReadingRules {
  return withOwnRules(declaredSources(cli)?.all().get(source)?.csv ?? {}, options);
}

function rowOptions(
  { verbose = false, allowMissing = [], allowUnfit = false }: Options,
  rules: ReadingRules,
): ScoreRowsOptions {
  return { rules, verbose, allowUnfit, allowMissing: allowMissing.includes('all') ? 'all' : allowMissing };
}

function open(
  file: string,
  options: Options & { readonly limits: FileLimits },
): Promise<VisitRows> | VisitRows {
  if (/\.json$/i.test(file)) return openJson(file, options.limits);
  if (/\.(ndjson|jsonl)$/i.test(file)) return openNdjson(file, options.limits);
  return openCsv(file, options);
}

function report(cli: Cli, key: ModelKey, model: LoadedModel, summary: ScoreSummary, options: Options): void {
  const { version, chosenBy } = model;
  warnOfFit(cli, summary);
  const text =
    `scored ${count(summary.visits)} visits of ${describeKey(key)} with version ${version} (by ${chosenBy}), ` +
    `mean probability ${percent(summary.meanProbability, 3)}`;
  if (options.out === undefined) return cli.out.say(text);
  cli.out.show(options.json, { ...key, version, chosenBy, out: options.out, ...summary }, () => text);
}

function warnOfFit(cli: Cli, summary: ScoreSummary): void {
  const { missingColumns, unfit, unknownRecorded, visitsWith, visits } = summary;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([column, times]) => `${column} ${count(times)}`)
      .join(', ');
  if (missingColumns.length > 0)
    cli.out.warn(`the file lacks ${missingColumns.join(', ')}: unknown for every visit`);
  for (const one of unfit) cli.out.warn(`not as in training: ${describeUnfit(one)}`);
  if (!unknownRecorded)
    cli.out.warn('the share of unknown values in training is not recorded: retrain to have it compared');
  const of = (rows: number): string => `${count(rows)} of ${count(visits)} visits`;
  if (visitsWith.unseen > 0)
    cli.out.warn(`${of(visitsWith.unseen)} have values that training never saw: ${list(summary.unseen)}`);
  if (visitsWith.outside > 0)
    cli.out.warn(
      `${of(visitsWith.outside)} have values outside the range of training: ${list(summary.outside)}`,
    );
}
