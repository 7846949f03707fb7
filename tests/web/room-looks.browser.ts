/** The scripts of room-looks.test.ts. */

import type { Page } from "playwright-core";
import type { Stage } from "./harness/stage.ts";
import type { Language, Size } from "./harness/visitor.ts";
import { weigh } from "./harness/weight.ts";

interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface Scene {
  readonly name: string;
  /** What the room's routes answer: its status, a join, a claim. */
  readonly status: object;
  readonly join: Answer;
  readonly claim: Answer;
  /** A text that the page has when it is there. */
  readonly heading: string;
}

interface Look {
  readonly url: string;
  readonly scenes: readonly Scene[];
  readonly language: Language;
  readonly size: Size;
}

/** Looks at the page in each scene: a picture, and axe-core. */
export async function looks(stage: Stage, { url, scenes, language, size }: Look): Promise<void> {
  const visitor = await stage.visitor({ language, size });
  const { page } = visitor;
  for (const scene of scenes) {
    await page.unrouteAll();
    await answering(page, scene);
    await page.goto(url);
    await page.getByRole("heading", { level: 1, name: scene.heading }).waitFor();
    await visitor.inspect(`room-${scene.name}`);
    // Nobody has been here before.
    await page.evaluate("localStorage.clear()");
  }
}

/** The room's page as it is sent, with nothing in any cache. */
export async function weighs(
  stage: Stage,
  { url, scenes: [scene], language, size }: Look,
): Promise<Record<string, number>> {
  const { page } = await stage.visitor({ language, size });
  if (scene === undefined) throw new Error("a scene");
  await answering(page, scene);
  const { bytes, parts } = await weigh(page, url, () => page.getByRole("heading", { name: scene.heading }).waitFor());
  return { ...parts, all: bytes };
}

async function answering(page: Page, { status, join, claim }: Scene): Promise<void> {
  const path = "**/api/v1/flights/*/waiting-room";
  const json = (answer: Answer) => ({ status: answer.status, json: answer.body });
  await page.route(path, (route) => route.fulfill(json({ status: 200, body: status })));
  await page.route(`${path}/stream`, (route) => route.fulfill({ status: 404 }));
  await page.route(`${path}/tickets`, (route) => route.fulfill(json(join)));
  await page.route(`${path}/passes`, (route) => route.fulfill(json(claim)));
}
