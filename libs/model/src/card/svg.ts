import { escapeMarkup } from '@factory/domain';
import { onOneLine } from './markdown-text';

/** A picture that needs nothing but itself: light background, so that it can be read in a dark page too. */
export function svg(width: number, height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escapeMarkup(onOneLine(title))}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}"${more}/>`;
}

export function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${at(x)}" y="${at(y)}" fill="#333333"${more}>${escapeMarkup(onOneLine(content))}</text>`;
}

/** A tenth of a pixel is more than enough, and keeps the bytes the same everywhere. */
export function at(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
