// Opens the page in the installed Chromium, enters one visit, and prints what the page shows.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome'];
const VISIT = { channel: 'mail', device: 'phone', pages: '9', basket: '80', returning: 'yes' };

const places = (process.env.PATH ?? '').split(delimiter);
const executablePath = NAMES.flatMap((name) => places.map((place) => join(place, name))).find((file) =>
  existsSync(file),
);
if (!executablePath) throw new Error(`no Chromium on the PATH (looked for ${NAMES.join(', ')}): install one`);

const server = await serve(0);
const browser = await chromium.launch({ executablePath });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/examples/browser/index.html`);
  const about = page.locator('#about', { hasNotText: 'loading' });
  console.log(await about.textContent());
  if (!(await about.textContent()).endsWith(': right')) process.exitCode = 1;
  else {
    for (const [column, value] of Object.entries(VISIT)) await page.fill(`input[name="${column}"]`, value);
    console.log(await page.locator('#score', { hasText: 'probability' }).textContent());
  }
} finally {
  await browser.close();
  server.close();
}
