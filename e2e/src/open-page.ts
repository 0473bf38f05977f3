import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** What a browser makes of a page. */
export interface OpenedPage {
  /** As it is seen: white space in a row is one space. */
  readonly text: string;
  /** Cells of the rows of each table. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** Pictures as they are drawn, in pixels; 0 where one cannot be shown. */
  readonly pictures: readonly { readonly width: number; readonly height: number }[];
  /** Names of all elements, in lower case. */
  readonly elements: readonly string[];
  /** What was asked for, the page itself first; nothing that is inside of it. */
  readonly requests: readonly string[];
}

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Opens a file in the installed Chromium (`tools/install/chromium.mjs`). @throws Error if there is none */
export async function openPage(file: string): Promise<OpenedPage> {
  const places = (process.env.PATH ?? '').split(delimiter);
  const executablePath = NAMES.flatMap((name) => places.map((place) => join(place, name))).find(existsSync);
  if (executablePath === undefined) throw new Error(`no Chromium on the PATH: ${NAMES.join(', ')}`);
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.goto(`file://${file}`, { waitUntil: 'load' });
    const pictures = await page.locator('img').evaluateAll((found) =>
      (found as unknown as { naturalWidth: number; naturalHeight: number }[]).map((one) => ({
        width: one.naturalWidth,
        height: one.naturalHeight,
      })),
    );
    const tables = [];
    for (const table of await page.locator('table').all()) {
      const rows = [];
      for (const row of await table.locator('tr').all())
        rows.push((await row.locator('th, td').allInnerTexts()).map((cell) => cell.trim()));
      tables.push(rows);
    }
    const elements = await page
      .locator('*')
      .evaluateAll((found) => (found as unknown as { localName: string }[]).map((one) => one.localName));
    const text = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ');
    return { text, tables, pictures, elements, requests };
  } finally {
    await browser.close();
  }
}
