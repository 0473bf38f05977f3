import { programOnPath } from '../workspace/command.mjs';
import { installDebian } from './debian.mjs';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** For specs of web pages: a Chromium on the PATH, installed if there is none. */
export async function ensureChromium() {
  if (NAMES.some((name) => programOnPath(name))) return;
  await installDebian(['chromium-headless-shell'], 'Install Chromium, so that it is on the PATH.');
}
