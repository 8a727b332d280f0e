/** The browser that pages are looked at with: Debian's Chromium, which asks for nothing beyond this machine. */
import { existsSync } from 'node:fs';

const executablePath = '/usr/bin/chromium';

export const launchOptions = {
  executablePath,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const isThere = existsSync(executablePath);

/** Says loudly what is not tested without it; in CI that is a failure. */
export const demandBrowser = (what: string): void => {
  if (isThere) return;
  if (process.env['CI']) throw new Error(`${executablePath} is missing: apt-get install chromium`);
  console.warn(`\n*** ${what} NOT tested: ${executablePath} is missing (apt-get install chromium). ***\n`);
};
