import { describeKey } from '@factory/domain';
import { explainRules, parseJudgementRules, type JudgementRules, type RuleInForce } from '@factory/judgement';
import { loadRules } from '@factory/service-kit';
import type { Command } from 'commander';
import { name, product } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { renderTable } from '../rendering/table';
import { declaredSources, modelKeyOf, type KeyOptions } from '../sources/model-key';

type ShowOptions = DataOptions & KeyOptions & { readonly product: number; readonly file?: string };

/** `factory rules check` and `factory rules show`. */
export function addRules(program: Command, cli: Cli): void {
  const rules = program
    .command('rules')
    .summary('check a rules file, or show the rules in force')
    .description(
      'The limits of checks and verdict: when a run is stopped, and which candidate replaces a champion.',
    )
    .addHelpText('after', examples('factory rules check rules.yaml', 'factory rules show --product 7'));
  withJson(rules.command('check <file>'))
    .description(
      'Reads a rules file as the services do, and names every fault with its field, its value and what to do. Exit ' +
        'code 2 if there is any.',
    )
    .addHelpText('after', examples('factory rules check k8s/base/rules/rules.yaml'))
    .action((file: string, options: DataOptions) => {
      const found = loadRules(file);
      const unknown = unknownNames(cli, found);
      for (const one of unknown) cli.out.warn(one);
      cli.out.show(options.json, { file, entries: found.products.length, warnings: unknown }, () => {
        const entries = found.products.length === 1 ? '1 entry' : `${found.products.length} entries`;
        return `${file} is valid: ${entries} for products`;
      });
    });
  withJson(rules.command('show'))
    .description(
      'Shows every rule of one product with the value in force and where it comes from: the default, or an entry of ' +
        'the rules file. The file is --file, else RULES_FILE; without either the defaults are shown.',
    )
    .requiredOption('--product <id>', 'whose rules', product)
    .option('--source <name>', 'source of the product (default: the only source, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's default goal)", name('goal'))
    .option('--file <path>', 'rules file to show instead of that of RULES_FILE')
    .addHelpText(
      'after',
      examples('factory rules show --product 7', 'factory rules show --product 7 --file rules.yaml --json'),
    )
    .action((options: ShowOptions) => {
      const key = modelKeyOf(cli, options.product, options);
      const file = options.file ?? cli.servers.rulesPath ?? null;
      const explained = explainRules(file === null ? parseJudgementRules('') : loadRules(file), key);
      cli.out.show(options.json, { ...key, file, rules: explained }, () =>
        [`${describeKey(key)}: ${file ?? 'no rules file, the defaults'}`, table(cli, explained)].join('\n'),
      );
    });
}

function table(cli: Cli, explained: readonly RuleInForce[]): string {
  return renderTable<RuleInForce>(
    [
      { title: 'rule', of: ({ rule }) => rule },
      { title: 'value', of: ({ value }) => shown(value), flexible: true },
      { title: 'from', of: ({ from }) => from },
    ],
    explained,
    { width: cli.out.width },
  );
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Entries that no declared source or goal has: they change nothing. Empty where no sources.yaml is here. */
function unknownNames(cli: Cli, { products }: JudgementRules): string[] {
  const declared = declaredSources(cli)?.all();
  if (!declared) return [];
  return products.flatMap(({ source, goal }, at) => {
    const definition = declared.get(source);
    if (!definition)
      return [`products.${at}.source = "${source}": no such source in ${cli.servers.sourcesPath}`];
    return goal === undefined || Object.hasOwn(definition.goals, goal)
      ? []
      : [`products.${at}.goal = "${goal}": source ${source} has no such goal`];
  });
}
