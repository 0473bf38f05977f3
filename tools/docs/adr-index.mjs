import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { GENERATED_BY, paragraphs, table } from './markdown.mjs';

const HELP = `node tools/docs/adr-index.mjs [--check]

Writes docs/adr/README.md, the index of decisions. --check: ends with 1 when it is another one.`;

const FOLDER = join(root, 'docs', 'adr');
const INDEX = join(FOLDER, 'README.md');

/** One decision, from the top of its page. @param {string} file @param {string} text */
export function decisionOf(file, text) {
  const number = /^(\d{4})-/.exec(file)?.[1];
  const title = /^# (?:ADR )?0*(\d+)[.:]? (.+)$/m.exec(text);
  const date = /\b(\d{4}-\d{2}-\d{2})\b/.exec(text)?.[1];
  if (!number || !title || Number(title[1]) !== Number(number) || !date)
    throw new Error(`docs/adr/${file}: begin with \`# ${number ?? 'NNNN'} Title\` and a line with the date`);
  return { number, title: title[2] ?? '', date };
}

/** @returns {string} */
function indexText() {
  const files = readdirSync(FOLDER).filter((file) => /^\d{4}-.*\.md$/.test(file));
  const rows = files.sort().map((file) => {
    const { number, title, date } = decisionOf(file, readFileSync(join(FOLDER, file), 'utf8'));
    return [`[${number}](${file})`, title, date];
  });
  const text = paragraphs(
    GENERATED_BY('node tools/docs/adr-index.mjs'),
    '# Decisions',
    'Decisions that somebody may want to undo, with their reasons. A new one takes the next number and starts with ' +
      '`# NNNN Title` and its date.',
    table(['number', 'decision', 'date'], rows),
  );
  return `${text}\n`;
}

if (process.argv.includes('--help')) console.log(HELP);
else if (!process.argv.includes('--check')) writeFileSync(INDEX, indexText());
else if (readFileSync(INDEX, 'utf8') !== indexText()) {
  console.error('docs/adr/README.md: run `node tools/docs/adr-index.mjs` and commit its output');
  process.exitCode = 1;
}
