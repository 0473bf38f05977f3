import { describeKey, type ModelKey } from '@factory/domain';
import { describeUnfit } from '@factory/model';
import {
  withOwnRules,
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
import { collect, name, product, versionName } from '../program/arguments';
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
}

/** `factory score`. */
export function addScore(program: Command, cli: Cli): void {
  withJson(program.command('score [file]'))
    .summary('score visits of a file with the version in force')
    .description(
      'Adds probability (natural, 0 to 1) and percentile (100 = best) to each visit. The model comes from S3; every ' +
        'file of it is checked by its hash, and its golden rows are scored first. Where the database is not at hand, ' +
        'champion.json says which version is in force. Columns are found whatever their case. Rows that do not fit ' +
        'the model are refused with exit code 7: a file without one of its columns, and from 200 rows on a column ' +
        'whose values are far more often unknown, never seen or out of range than in training. This is looked at ' +
        'on the first 5,000 rows before anything is written, and on all at the end. ' +
        'Files: .json (a list of objects), .ndjson; anything else is CSV with a header, plain or gzip.',
    )
    .requiredOption('--product <id>', 'product whose model scores', product)
    .option('--source <name>', 'source of the product (default: the only one, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's)", name('goal'))
    .option('--version <name>', 'this version instead of the one in force', versionName('version'))
    .option('--out <file>', 'write there instead of stdout; --json then prints a summary')
    .option(
      '--delimiter <char>',
      'of a CSV: comma, semicolon, tab, pipe, colon, space or a character (default: found)',
      delimiterOf,
    )
    .option('--encoding <name>', 'of a CSV', 'utf-8')
    .option('--header', 'the first line of a CSV holds names, even where they look like values')
    .option('--decimal <char>', 'comma or dot (default: as the source was imported)', decimalOf)
    .option(
      '--thousands <char>',
      'comma, dot, space, apostrophe, underscore or none (default: as the source was imported)',
      thousandsOf,
    )
    .option('--missing <mark>', 'a further mark for unknown; may be repeated (default: as imported)', collect)
    .option(
      '--allow-missing <column...>',
      'score without these columns, unknown in every row; all: whichever',
    )
    .option('--allow-unfit', 'score although columns are not as in training')
    .option('--verbose', 'add the logit as well')
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
  const visits = await open(file, options);
  const model = await loadModel(cli, key, options.version);
  const added = options.verbose ? VERBOSE_COLUMNS : SCORE_COLUMNS;
  const replaced = visits.columns.filter((column) => added.some((one) => one === column));
  if (replaced.length > 0) cli.out.warn(`the file's own ${replaced.join(', ')} are replaced`);
  const columns = [...visits.columns.filter((column) => !replaced.includes(column)), ...added];
  const format = options.json && options.out === undefined ? 'json' : visits.format;
  const writer = rowWriter(format, columns, visits.delimiter);
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

/** The options, else what the source was imported with (`csv` of its entry in sources.yaml). */
function rulesOf(cli: Cli, { source }: ModelKey, options: Options): ReadingRules {
  return withOwnRules(declaredSources(cli)?.all().get(source)?.csv ?? {}, options);
}

function rowOptions(
  { verbose = false, allowMissing = [], allowUnfit = false }: Options,
  rules: ReadingRules,
): ScoreRowsOptions {
  return { rules, verbose, allowUnfit, allowMissing: allowMissing.includes('all') ? 'all' : allowMissing };
}

function open(file: string, options: Options): Promise<VisitRows> | VisitRows {
  if (/\.json$/i.test(file)) return openJson(file);
  if (/\.(ndjson|jsonl)$/i.test(file)) return openNdjson(file);
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
    cli.out.warn('unknown share in training not recorded: train again to have it compared');
  const of = (rows: number): string => `${count(rows)} of ${count(visits)} visits`;
  if (visitsWith.unseen > 0)
    cli.out.warn(`${of(visitsWith.unseen)} have values that training never saw: ${list(summary.unseen)}`);
  if (visitsWith.outside > 0)
    cli.out.warn(
      `${of(visitsWith.outside)} have values outside the range of training: ${list(summary.outside)}`,
    );
}
