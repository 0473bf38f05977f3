import type { ShownCard } from '@factory/fleet';
import MarkdownIt from 'markdown-it';
import { markup } from './html';
import { page } from './page';

/** A model card as one HTML file with its pictures in it. Text of a shop is text: neither HTML nor links are taken. */
export function cardPage({ source, product, goal, version, card, pictures }: ShownCard): string {
  const svgs = new Map<string, string>(Object.entries(pictures));
  const markdown = new MarkdownIt({ html: false }).disable(['link', 'autolink', 'reference', 'code']);
  markdown.renderer.rules.image = (tokens, at) => {
    const token = tokens[at];
    const content = token?.content ?? '';
    const svg = svgs.get(String(token?.attrGet('src')));
    if (svg === undefined) return markup`<em>${content}</em>`.text;
    return markup`<img alt="${content}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}" />`
      .text;
  };
  return page(`Model card of ${source} product ${product}, goal ${goal}: ${version}`, {
    text: markdown.render(card),
  });
}
