import type { ShownCard } from '@factory/fleet';
import { cardPage } from './card-page';

const HOSTILE =
  '<img src=x onerror=alert(1)> [a](javascript:alert(1)) <http://example.com> ![b](http://example.com/b.svg)';
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>a & b</title></svg>';
const shown: ShownCard = {
  ...{ source: 'main', product: 7, goal: 'sale', version: 'v1' },
  card: [
    '# main product 7',
    '- **Purpose:** &lt;b&gt;bold&lt;/b&gt; &#42;stars&#42;',
    '![Predicted against observed](calibration.svg)',
    '![Importance](importance.svg)',
    '| column | log-loss gained |\n|---|---|\n| page_views | 0.01234 |',
    HOSTILE,
    '',
  ].join('\n\n'),
  pictures: { 'calibration.svg': picture },
};
const page = cardPage(shown);

describe('the page of a card', () => {
  it('is one file: Markdown as elements, pictures inside of it', () => {
    expect(page).toMatch(/^<!doctype html>[^]*<h1>main product 7<\/h1>[^]*<td>page_views<\/td>/);
    const [, data = ''] =
      /<img alt="Predicted against observed" src="data:image\/svg\+xml;base64,([^"]*)"/.exec(page)!;
    expect(Buffer.from(data, 'base64').toString()).toBe(picture);
    expect(page).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"");
  });

  it('says what a picture would have shown that an older bundle lacks', () => {
    expect(page).toContain('<em>Importance</em>');
  });

  it('takes neither HTML nor links nor foreign pictures, whatever a card holds', () => {
    expect(page).toContain('<strong>Purpose:</strong> &lt;b&gt;bold&lt;/b&gt; *stars*');
    expect(page.match(/<img/g)).toHaveLength(1);
    expect(page).not.toMatch(/<a |<script|href=|src="(?!data:)/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});
