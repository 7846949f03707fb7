/** Owns the Node process that drives the browser, since Bun loses Chromium's connection: runs scripts by name. */

import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { type Outcome, outcomeOf, type ToStage, type ToTest } from "./protocol.ts";
import { type BrowserScript, Stage } from "./stage.ts";
import type { Shots } from "./visitor.ts";

const [, , scriptsFile = "", executablePath = "", folder = "", pictures = ""] = process.argv;

const SHOTS: Shots = { folder, areAll: pictures === "all" };

const ARGUMENTS = [
  // Chromium has no sandbox for root, as which tests often run in containers.
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-dev-shm-usage",
  "--autoplay-policy=user-gesture-required",
];

let browser: Promise<Browser> | null = null;
let asked = 0;
const waiting = new Map<number, (outcome: Outcome) => void>();

function tell(message: ToTest): void {
  process.send?.(message);
}

async function ask(run: number, what: string, args: unknown): Promise<unknown> {
  asked += 1;
  const id = asked;
  const answer = new Promise<Outcome>((resolve) => waiting.set(id, resolve));
  tell({ kind: "ask", id, run, what, args });
  const outcome = await answer;
  if (!outcome.ok) throw new Error(`the test could not ${what}: ${outcome.message}`);
  return outcome.value;
}

async function run(id: number, name: string, args: unknown): Promise<unknown> {
  const scripts: Record<string, BrowserScript<unknown>> = await import(pathToFileURL(scriptsFile).href);
  const script = scripts[name];
  if (script === undefined) throw new Error(`there is no script ${name} in ${scriptsFile}`);
  // One that was killed, for want of memory for instance, fails the script that it was in and no other.
  const before = browser;
  if (before !== null && !(await before).isConnected() && browser === before) browser = null;
  browser ??= chromium.launch({ executablePath, args: ARGUMENTS });
  const stage = new Stage(await browser, SHOTS, (what, given) => ask(id, what, given));
  try {
    const result = await script(stage, args);
    stage.checkTroubles();
    return result;
  } catch (error) {
    const said = error instanceof Error ? error.message || error.name : String(error);
    const where = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
    const text = [stripVTControlCharacters(said), ...where.slice(0, 6), await stage.describe(name)].join("\n");
    throw new Error(text, { cause: error });
  } finally {
    await stage.close();
  }
}

async function end(): Promise<void> {
  if (browser !== null) await (await browser).close();
  process.exit(0);
}

process.on("message", (message: ToStage) => {
  if (message.kind === "answer") {
    waiting.get(message.id)?.(message.outcome);
    waiting.delete(message.id);
    return;
  }
  const { id, script, args } = message;
  outcomeOf(() => run(id, script, args)).then(
    (outcome) => tell({ kind: "ended", id, outcome }),
    () => process.exit(1),
  );
});
// The test has gone, whatever became of it: no browser stays behind.
process.on("disconnect", () => void end());
tell({ kind: "ready" });
