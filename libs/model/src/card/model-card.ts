import { baseRateWords } from '../base-rate-words';
import { momentLimits } from '../feature-moment';
import type { Lineage } from '../manifest';
import type { Report } from '../report';
import type { About } from './about';
import { calibrationPicture } from './calibration-picture';
import type { CardInput } from './card-input';
import { howItDoes } from './how-it-does';
import { importancePicture } from './importance-picture';
import { markdownText } from './markdown-text';
import { trainedOn } from './trained-on';

/** Pictures of the card, files beside it. */
export const PICTURES = ['calibration.svg', 'importance.svg'] as const;
export type Picture = (typeof PICTURES)[number];

/** The columns that a card names. */
const MOST_COLUMNS = 15;

/**
 * `card.md`: what a person should know before using the model, with its pictures. Every sentence comes from the same
 * JSON that the bundle holds. Source of its sections: Mitchell et al. 2019, "Model Cards for Model Reporting".
 */
export function modelCard(input: CardInput): string {
  const { lineage, report, version, createdAt } = input;
  const { source, product, goal, run, codeVersion, about } = lineage;
  return `${[
    `# ${source} product ${product}: how likely a visit ends in "${goal}"`,
    `Version ${version}, made ${createdAt} by run ${run} (code ${codeVersion}).`,
    ...section('What it is for', declared(about)),
    ...section('What it was trained on', trainedOn(input)),
    ...section('How it does', howItDoes(report)),
    ...section('Are its scores true?', calibration(report)),
    ...section('How its probabilities were repaired', repaired(report)),
    ...section('Which columns count', importance(report)),
    ...section('When not to use it', whenNot(input)),
    ...section('How to go back', [rollBack(lineage)]),
  ].join('\n\n')}\n`;
}

/** The pictures that the card shows; those without figures are left out. */
export function cardPictures({ metrics, importance }: Report): Map<Picture, string> {
  const pictures = new Map<Picture, string>();
  const bins = metrics.judging?.reliability ?? [];
  if (bins.length > 0) pictures.set('calibration.svg', calibrationPicture(bins));
  const columns = (importance?.columns ?? []).slice(0, MOST_COLUMNS);
  if (columns.length > 0) pictures.set('importance.svg', importancePicture(columns));
  return pictures;
}

function section(title: string, paragraphs: readonly string[]): string[] {
  return paragraphs.length === 0 ? [] : [`## ${title}`, ...paragraphs];
}

/** The words of the people who declared the goal, and nothing added to them. */
function declared(about: About | undefined): string[] {
  const said = [
    ['Purpose', about?.purpose],
    ['Users', about?.users],
    ['Value', about?.value],
    ['Assumptions', about?.assumptions],
  ] as const;
  const lines = said.flatMap(([name, words]) => (words ? [`- **${name}:** ${markdownText(words)}`] : []));
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function calibration(report: Report): string[] {
  const { judging } = report.metrics;
  if (!judging?.reliability?.length) return [];
  const ratio = judging.intervals?.['calibrationRatio'];
  const { calibrationSlope: slope, calibrationRatio } = judging;
  const sure = ratio ? ` (95 % interval ${ratio.lower95.toFixed(3)} to ${ratio.upper95.toFixed(3)})` : '';
  return [
    `Predicted over observed goals: ${calibrationRatio.toFixed(3)}${sure}. Calibration slope: ` +
      `${typeof slope === 'number' ? slope.toFixed(3) : slope}. With true scores both are 1.`,
    ...[baseRateWords(report), unrepaired(report)].filter((words) => words !== undefined),
    '![Predicted against observed shares of goals](calibration.svg)',
    table(
      ['tenth by score', 'visits', 'goals', 'predicted', 'observed', '95 % interval'],
      judging.reliability.map((bin, at) => [
        String(at + 1),
        String(Math.round(bin.weight)),
        String(bin.goals),
        percent(bin.predicted),
        percent(bin.observed),
        `${percent(bin.lower95)} to ${percent(bin.upper95)}`,
      ]),
    ),
  ];
}

/** That half of the visitors was looked at, is known of a model that was left as it is, too. */
function unrepaired({ repair }: Report): string | undefined {
  return repair && !repair.fitted ? repair.words : undefined;
}

function repaired({ repair, window }: Report): string[] {
  if (!repair?.fitted) return [];
  const { trainEnd, end } = window;
  return [
    repair.words,
    `The repair was fitted on visits from ${trainEnd} up to ${end}, and is part of every score of this model.`,
  ];
}

function importance({ importance: found }: Report): string[] {
  if (!found || found.columns.length === 0) return [];
  const shown = found.columns.slice(0, MOST_COLUMNS);
  const rest = found.columns.length - shown.length;
  return [
    `By how much the log-loss of ${found.rows} judging rows rises when the values of one column are exchanged between ` +
      'them (permutation importance, Breiman 2001). Columns that say the same share their importance.',
    '![Permutation importance of the columns](importance.svg)',
    table(
      ['column', 'log-loss gained'],
      shown.map(({ column, increase }) => [markdownText(column), increase.toFixed(5)]),
    ),
    ...(rest > 0 ? [`${rest} more ${rest === 1 ? 'column counts' : 'columns count'} less.`] : []),
  ];
}

function whenNot({ lineage, report }: CardInput): string[] {
  const { source, product, goal, featureMoment } = lineage;
  return [
    [
      `- For another product, source or goal than ${source}, ${product}, ${goal}.`,
      '- For single decisions about a person that need a reason: it ranks visits, it does not explain them.',
      '- With values from after the moment of scoring: it learnt from what was known at the visit.',
      `- When the share of goals has left the neighbourhood of ${percent(report.baseRate)} or columns have changed ` +
        'their meaning: retrain first.',
      ...momentLimits(featureMoment).map((limit) => `- ${markdownText(limit)}`),
      '- With a loader that does not reproduce golden.json.',
    ].join('\n'),
  ];
}

function rollBack({ source, product, goal }: Lineage): string {
  return (
    `\`factory rollback --source ${source} --product ${product} --goal ${goal} --reason "..."\` puts the version before this one ` +
    'in force again.'
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
