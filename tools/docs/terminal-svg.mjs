// A recorded terminal as a picture: node tools/docs/terminal-svg.mjs RECORDING.txt > PICTURE.svg
import { readFileSync } from 'node:fs';

const [FONT, LINE, CHAR, MARGIN] = [13, 17, 7.83, 16];

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Colours: input, published models, other lines. @param {string} line */
const colourOf = (line) =>
  line.startsWith('$') ? '#7ee787' : /published|done/.test(line) ? '#79c0ff' : '#e6edf3';

/** @param {string} recording */
function picture(recording) {
  const lines = recording.trimEnd().split('\n');
  const width = Math.ceil(2 * MARGIN + CHAR * Math.max(...lines.map((line) => line.length)));
  const height = 2 * MARGIN + LINE * lines.length;
  // Without `textLength` a font of another width would break the table's borders.
  const rows = lines.map((line, at) =>
    line === ''
      ? ''
      : `<text x="${MARGIN}" y="${MARGIN + LINE * at + FONT}" fill="${colourOf(line)}" ` +
        `textLength="${(CHAR * line.length).toFixed(1)}" xml:space="preserve">${escaped(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}">`,
    ...rows.filter((row) => row !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

process.stdout.write(picture(readFileSync(process.argv[2] ?? '', 'utf8')));
