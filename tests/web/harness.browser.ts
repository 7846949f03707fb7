/** The scripts of harness.test.ts. */

import type { Stage } from "./harness/stage.ts";
import { weigh } from "./harness/weight.ts";

interface Where {
  readonly url: string;
}

/** Opens the page, and says what is on it. */
export async function opens(
  stage: Stage,
  { url }: Where,
): Promise<{ heading: string | null; language: string; bytes: number }> {
  const { page } = await stage.visitor({ language: "ko", size: "phone" });
  const { bytes } = await weigh(page, url, () => page.getByRole("heading").waitFor());
  const heading = await page.getByRole("heading").textContent();
  return { heading, language: String(await page.evaluate("navigator.language")), bytes };
}

export async function inspects(stage: Stage, { url }: Where): Promise<void> {
  const visitor = await stage.visitor();
  await visitor.page.goto(url);
  await visitor.inspect("harness");
}

export async function looksForNothing(stage: Stage, { url }: Where): Promise<void> {
  const { page } = await stage.visitor();
  await page.goto(url);
  await page.getByRole("button", { name: "Never there" }).click({ timeout: 200 });
}

/** Loses its connection in the middle, which the test brings about, and gets it back. */
export async function livesThroughACut(stage: Stage, { url }: Where): Promise<unknown[]> {
  const { page } = await stage.visitor();
  const asked = (): Promise<unknown> => page.evaluate(`fetch(location).then(({ status }) => status, () => "lost")`);
  await page.goto(url);
  const before = await asked();
  await stage.ask("cut");
  const without = await asked();
  await stage.ask("mend");
  return [before, without, await asked()];
}

/** Ends while an answer that it alters is still on its way. */
export async function leavesAnAnswer(stage: Stage, { url }: Where): Promise<void> {
  const { page } = await stage.visitor();
  await page.goto(url);
  let hasCome = (): void => {};
  const come = new Promise<void>((resolve) => {
    hasCome = resolve;
  });
  await page.route("**/good?later", async (route) => {
    const response = await route.fetch();
    hasCome();
    await stage.ask("leave");
    await route.fulfill({ response, body: await response.text() });
  });
  await page.evaluate("void fetch('/good?later')");
  await come;
}

/** Leaves a failure that nobody hears of. */
export async function failsUnheard(stage: Stage): Promise<void> {
  void Promise.reject(new Error("unheard"));
  await stage.ask("wait");
}
