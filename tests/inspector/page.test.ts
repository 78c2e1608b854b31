/**
 * The inspector's page in a real browser, on a sandbox that lives. The pictures that README shows are made here
 * (RUNSTATE_PICTURES=1 writes them to docs/pictures).
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { chromium, type Browser, type Page } from 'playwright-core';
import { readSupervisorFile } from '../../actors/run-directory/index.ts';
import { exportVersion, readExport, writeExport, type ExportFile } from '../../observation/export-file.ts';
import type { Observation } from '../../observation/types.ts';
import { freezerOf } from '../support/freezer.ts';
import { finish, makeCli, real, unique, type Cli } from '../cli/support.ts';

const browserPath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
if (browserPath === '') console.log('tests of the page are skipped: chromium is not installed');
const withBrowser = browserPath === '' ? test.skip : real;

const pictures =
  process.env['RUNSTATE_PICTURES'] === '1' ? join(import.meta.dirname, '../../../docs/pictures') : undefined;

interface Opened {
  readonly page: Page;
  /** What went wrong in it, and what it asked of others. */
  readonly trouble: readonly string[];
}

class Inspector implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(cli: Cli, ...args: readonly string[]): Promise<Inspector> {
    const child = cli.start(['inspect', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new Error('it has no output');
    for await (const line of createInterface({ input: child.stdout })) return new Inspector(line, child);
    throw new Error('the inspector said no address');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = finish(this.#child);
    this.#child.kill('SIGINT');
    await ended;
  }
}

async function open(browser: Browser, url: string, dark = false): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 860 },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const trouble: string[] = [];
  const { host } = new URL(url);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol !== 'blob:' && to.host !== host) trouble.push(`it asked ${to.href}`);
  });
  await page.goto(url);
  return { page, trouble };
}

const launch = (): Promise<Browser> =>
  // Root's Chromium has no sandbox of its own; it shows nothing but this page.
  chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'] });

const state = (page: Page, path: string) => page.locator(`[data-chart="sandbox"] [data-state="${path}"].lit`);

/** Notes, in the page, when the chart shows a state first: milliseconds since the Unix epoch. Text, as it runs there. */
const watchFor = async (page: Page, path: string): Promise<void> => {
  await page.evaluate(`(() => {
    const seen = '[data-chart="sandbox"] [data-state="${path}"].lit';
    const observer = new MutationObserver(() => {
      if (document.querySelector(seen) === null) return;
      observer.disconnect();
      document.body.dataset.${path} = String(Date.now());
    });
    observer.observe(document.body, { subtree: true, attributes: true, childList: true });
  })()`);
};

/** NaN when it was not shown since. */
const seenAt = async (page: Page, path: string): Promise<number> =>
  Number(await page.evaluate(`document.body.dataset.${path}`));

/** What was asked of the page is on it by then. */
const drawn = async (page: Page): Promise<void> => {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
};

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function runSandbox(cli: Cli): Promise<string> {
  // In the pictures it has a name that reads well.
  const id = pictures === undefined ? unique('seen') : 'web';
  const bundle = cli.bundle('bundle', ['/bin/sh', '-c', 'while :; do sleep 1; done']);
  await cli.quietly('run', '--detach', '--bundle', bundle, id);
  await cli.quietly('exec', '--detach', id, 'sleep', '1000');
  return id;
}

withBrowser(
  'what happens is seen on the chart; one can go back, export, and open the export elsewhere',
  async (t) => {
    const cli = makeCli(t);
    const id = await runSandbox(cli);
    await using inspector = await Inspector.start(cli, id);
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, inspector.url);
      await state(page, 'running').waitFor();
      await page.getByRole('treeitem', { name: `${id} (root)` }).waitFor();
      // The best of three: what else a machine has to do is no fault of the page's.
      const delays: number[] = [];
      for (let times = 0; times < 3; times++) {
        if (times > 0) await cli.quietly('resume', id);
        await state(page, 'running').waitFor();
        await watchFor(page, 'paused');
        await cli.quietly('pause', id);
        const answered = Date.now();
        await state(page, 'paused').waitFor();
        delays.push((await seenAt(page, 'paused')) - answered);
      }
      t.log(`a pause was on the chart ${delays.join(', ')} ms after its command had ended`);
      t.true(Math.min(...delays) < 200);
      const pausedAt = await seenAt(page, 'paused');
      await page
        .getByRole('option', { name: /containerManager\.Pause/ })
        .last()
        .waitFor();

      // What the chart would take now, and what it would not.
      await page.locator('tr.takes', { hasText: 'resume' }).waitFor();
      await page.locator('tr.refuses', { hasText: `cannot pause sandbox "${id}" in state paused` }).waitFor();
      await page.getByRole('treeitem', { name: `${id} (root)` }).click();
      await page.getByText(/init is there; \d+ processes, frozen/).waitFor();
      await page.getByText('They agree').waitFor();
      await picture(page, 'inspector');

      // A call, as a sequence.
      await page
        .getByRole('option', { name: /containerManager\.Pause/ })
        .last()
        .click();
      await page.locator('.sequence .entry').filter({ hasText: 'freeze done' }).first().waitFor();
      await picture(page, 'inspector-call');

      // Back, step by step, to before the pause; and to now again.
      await page.getByRole('treeitem', { name: `sandbox ${id}` }).click();
      await page.locator('body').press('ArrowLeft');
      await page.getByText('the past', { exact: true }).waitFor();
      for (let steps = 0; steps < 40 && (await state(page, 'running').count()) === 0; steps++) {
        await page.locator('body').press('ArrowLeft');
        await drawn(page);
      }
      t.is(await state(page, 'running').count(), 1, 'before the pause it ran');
      t.is(await state(page, 'paused').count(), 0);
      t.regex(await page.getByRole('treeitem').first().innerText(), /running/);
      await page.locator('body').press('l');
      await state(page, 'paused').waitFor();
      await cli.quietly('resume', id);
      await state(page, 'running').waitFor();

      await watchFor(page, 'checkpointing');
      await cli.quietly('checkpoint', '--image-path', join(cli.directory, 'saved'), '--leave-running', id);
      await page.getByRole('option', { name: /containerManager\.Checkpoint/ }).waitFor();
      t.true((await seenAt(page, 'checkpointing')) > pausedAt, 'the checkpoint was on the chart');

      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'export' }).click();
      const exported = join(cli.directory, 'web.inspection');
      await (await downloading).saveAs(exported);
      const shown = await page.getByRole('option').count();
      t.deepEqual(trouble, []);
      await page.close();

      // Elsewhere: another root, where there is no such sandbox.
      const elsewhere = makeCli(t);
      await using reader = await Inspector.start(elsewhere, exported);
      const other = await open(browser, reader.url, true);
      await state(other.page, 'running').waitFor();
      await other.page.getByText('as it was at the end').waitFor();
      t.is(await other.page.getByRole('option').count(), shown);
      await other.page
        .getByRole('option', { name: /containerManager\.Pause/ })
        .last()
        .click();
      await state(other.page, 'paused').waitFor();
      await picture(other.page, 'inspector-file');
      t.deepEqual(other.trouble, []);
    } finally {
      await browser.close();
    }
  },
);

withBrowser(
  'a change that is asked for on the page is done, and what the platform shows otherwise is marked',
  async (t) => {
    const cli = makeCli(t);
    const id = await runSandbox(cli);
    await using inspector = await Inspector.start(cli, '--allow-control', id);
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, inspector.url);
      const root = page.getByRole('treeitem', { name: `${id} (root)` });
      await root.click();
      await page.getByRole('button', { name: 'pause' }).click();
      await page.locator('[data-chart="container"] [data-state="paused"].lit').waitFor();
      t.like(JSON.parse(await cli.ok('state', id)), { status: 'paused' });
      await page.getByRole('option', { name: `an inspector asks: pause ${id}` }).waitFor();
      await page.getByRole('button', { name: 'resume' }).click();
      await page.locator('[data-chart="container"] [data-state="running"].lit').waitFor();

      const state: unknown = JSON.parse(await cli.ok('state', id));
      const pid = typeof state === 'object' && state !== null && 'pid' in state ? Number(state.pid) : 0;
      const freezer = freezerOf(pid);
      freezer.set(true);
      try {
        await page
          .getByRole('alert')
          .filter({ hasText: 'it is running, but its processes are frozen' })
          .waitFor();
      } finally {
        freezer.set(false);
      }
      await page.getByText('They agree').waitFor();
      for (const panel of ['processes', 'usage', 'inside'])
        await page.getByRole('tab', { name: panel }).click();
      await page.getByRole('button', { name: 'Stacks' }).click();
      await page.locator('pre').filter({ hasText: 'JavaScript stack' }).waitFor();

      // A supervisor that hangs is not shown as if all were well.
      const { pid: supervisor = 0 } = readSupervisorFile(cli.root, id) ?? {};
      process.kill(supervisor, 'SIGSTOP');
      await page.getByText(/does not answer for/).waitFor();
      process.kill(supervisor, 'SIGCONT');
      await page.getByText('live', { exact: true }).first().waitFor();

      await page.setViewportSize({ width: 400, height: 700 });
      for (const view of ['tree', 'chart', 'timeline']) {
        await page.getByRole('button', { name: view }).click();
        const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
        t.true(width <= 400, `${view}: ${width}`);
      }
      await page.setViewportSize({ width: 1400, height: 860 });

      await cli.quietly('delete', '--force', id);
      await page.getByText('ended', { exact: true }).waitFor();
      await page.getByText('as it was at the end').waitFor();
      t.deepEqual(trouble, []);
    } finally {
      await browser.close();
    }
  },
);

withBrowser(
  'of a thousand containers only those in sight are drawn; in a narrow window one view at a time',
  async (t) => {
    const cli = makeCli(t);
    const file = join(cli.directory, 'many.inspection');
    writeFileSync(file, writeExport(thousand()));
    await using inspector = await Inspector.start(cli, file);
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, inspector.url);
      await page.getByRole('treeitem', { name: /^c1 / }).waitFor();
      const drawn = await page.getByRole('treeitem').count();
      t.true(drawn > 5 && drawn < 60, String(drawn));
      t.true((await page.getByRole('option').count()) < 60);
      const tree = page.getByRole('tree');
      await tree.focus();
      await tree.press('End');
      await page.getByRole('treeitem', { name: 'c999' }).waitFor();
      t.is(
        await page
          .getByRole('treeitem', { selected: true })
          .innerText()
          .then((text) => text.split('\n')[0]),
        'c999',
      );
      await tree.press('ArrowUp');
      await page.locator('[data-chart="container"] [data-state="running"].lit').waitFor();
      await page.getByRole('slider').fill('10');
      await page.getByText('the past', { exact: true }).waitFor();
      t.true((await page.getByRole('treeitem').count()) < 20, 'most were not made yet then');

      await page.setViewportSize({ width: 400, height: 700 });
      t.true(await page.locator('section.chart').isVisible());
      t.false(await tree.isVisible());
      await page.getByRole('button', { name: 'timeline' }).click();
      t.true(await page.getByRole('listbox').isVisible());
      t.false(await page.locator('section.chart').isVisible());
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      t.true(width <= 400, `nothing leads out of the window: ${width}`);
      t.deepEqual(trouble, []);
    } finally {
      await browser.close();
    }
  },
);

withBrowser('an alarm is above all else while it lasts, with its stack, and in the timeline', async (t) => {
  const cli = makeCli(t);
  const file = join(cli.directory, 'alarm.inspection');
  writeFileSync(file, writeExport(alarmed()));
  await using inspector = await Inspector.start(cli, file);
  const browser = await launch();
  try {
    const { page, trouble } = await open(browser, inspector.url);
    const alarms = page.getByRole('alert', { name: 'Alarms' });
    await alarms.getByText('freeze of container "c"').waitFor();
    t.regex(await alarms.innerText(), /platform freeze of container "c", for 2\.0 s: waits for the platform/);
    t.is(await alarms.getByText('the event loop').count(), 0, 'that is over');
    await page.getByRole('option', { name: 'alarm over: the event loop, after 3.0 s' }).waitFor();
    await page.getByRole('option', { name: /^[\d:.]+\s*alarm: the event loop: spin/ }).click();
    await alarms.getByText('the event loop').waitFor();
    await alarms.getByText('its stack').click();
    await alarms.getByText('spin (file.js:1:1)').last().waitFor();
    t.deepEqual(trouble, []);
  } finally {
    await browser.close();
  }
});

function alarmed(): ExportFile {
  const running = { state: 'running', path: 'running', since: 0 };
  const stack = ['spin (file.js:1:1)'];
  const loop = {
    number: 1,
    kind: 'event-loop',
    thing: 'the event loop',
    since: 1000,
    waitsFor: 'spin',
    stack,
  };
  const platform = {
    ...{ number: 2, kind: 'platform', thing: 'freeze of container "c"', since: 3000 },
    waitsFor: 'the platform, which does not stop though it was told to',
  };
  const header = { format: 'runstate-inspection', version: exportVersion, runstate: '', sandbox: 's', at: 0 };
  const lines = [
    header,
    { type: 'snapshot', at: 0, sandbox: { id: 's', ...running }, containers: [] },
    { type: 'alarm', at: 2500, phase: 'began', ...loop },
    { type: 'alarm', at: 4000, phase: 'ended', duration: 3000, ...loop },
    { type: 'alarm', at: 5000, phase: 'began', ...platform },
  ];
  return readExport(lines.map((line) => JSON.stringify(line)).join('\n'));
}

function thousand(): ExportFile {
  const [sandbox, running] = ['many', { state: 'running', path: 'running' }];
  const observations: Observation[] = [
    {
      type: 'snapshot',
      at: 0,
      sandbox: { id: sandbox, ...running, since: 0 },
      containers: [{ id: sandbox, isRoot: true, ...running, since: 0, processes: [] }],
    },
  ];
  for (let i = 1; i < 1000; i++)
    for (const [from, to] of [
      ['', 'created'],
      ['created', 'running'],
    ] as const) {
      const edges = from === '' ? [] : [{ from, to, event: 'start' }];
      observations.push({
        type: 'transition',
        at: i,
        kind: 'container',
        id: `c${i}`,
        from,
        to,
        path: to,
        edges,
      });
    }
  const header = {
    format: 'runstate-inspection',
    version: exportVersion,
    runstate: '',
    sandbox,
    at: 0,
  } as const;
  return { header, observations };
}
