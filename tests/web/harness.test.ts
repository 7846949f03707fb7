/** Goal: the harness of browser tests tells the truth: what a page shows, weighs, complains of and lacks, and that a cut line is cut. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { failureOf } from "../support/failure-of.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import { GivenLine } from "./harness/line.ts";
import type * as scripts from "./harness.browser.ts";

const PAGES: Readonly<Record<string, string>> = {
  "/good": `<!doctype html><html lang="en"><title>Good</title><main><h1>Good day</h1></main>`,
  "/bare": `<!doctype html><title>Bare</title><h1>Bare</h1><img src="/icon">`,
  "/broken": `<!doctype html><html lang="en"><title>Broken</title><main><h1>Broken</h1></main><script src="/script"></script>`,
  "/strict": `<!doctype html><html lang="en"><title>Strict</title><main><h1>Strict</h1></main><script>document.title = "run"</script>`,
};

async function complaintOf(run: Promise<unknown>): Promise<string> {
  return String(await failureOf(run));
}

describeInBrowser("the harness", () => {
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "harness.browser.ts"), "all");
  let server: Bun.Server<undefined>;
  let url = "";

  beforeAll(() => {
    server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === "/script") {
          return new Response("throw new Error('the page is broken')", {
            headers: { "content-type": "text/javascript" },
          });
        }
        const page = PAGES[pathname];
        if (page === undefined) return new Response(null, { status: 404 });
        const headers = { "content-type": "text/html", "content-security-policy": "default-src 'self'" };
        return new Response(page, { headers });
      },
    });
    url = `http://127.0.0.1:${server.port}`;
  });

  afterAll(async () => {
    await browser.close();
    await server.stop(true);
  });

  test("run() shows a page to a visitor of a language and a size, and weighs what came", async () => {
    const seen = await browser.run("opens", { url: `${url}/good` });
    expect(seen).toEqual({ heading: "Good day", language: "ko-KR", bytes: PAGES["/good"]?.length ?? 0 });
  });

  test("inspect() keeps a picture, and passes a page without barriers", async () => {
    await browser.run("inspects", { url: `${url}/good` });
    expect(existsSync(join(import.meta.dir, "shots/harness-en-desktop.png"))).toBe(true);
  });

  test("inspect() names each barrier and its place", async () => {
    const message = await complaintOf(browser.run("inspects", { url: `${url}/bare` }));
    expect(message).toContain("image-alt (critical)");
    expect(message).toContain('<img src="/icon">');
    expect(message).toContain("html-has-lang");
  });

  test("run() fails for an error in a page's script, and for a broken Content Security Policy", async () => {
    const broken = await complaintOf(browser.run("opens", { url: `${url}/broken` }));
    expect(broken).toContain("the page is broken");
    const strict = await complaintOf(browser.run("opens", { url: `${url}/strict` }));
    expect(strict).toContain("Content Security Policy");
  });

  test("run() says of a failed script what was looked for, in which line, and where the picture is", async () => {
    const message = await complaintOf(browser.run("looksForNothing", { url: `${url}/good` }));
    expect(message).toContain("getByRole('button', { name: 'Never there' })");
    expect(message).toContain("harness.browser.ts:");
    expect(message).toContain(`${url}/good (tests/web/shots/failed-looksForNothing-1-1-en-desktop.png)`);
  });

  test("run() ends with its script, whatever the pages' routes were about to answer", async () => {
    const { promise: mayGoOn, resolve } = Promise.withResolvers<void>();
    await browser.run("leavesAnAnswer", { url: `${url}/good` }, { leave: () => mayGoOn });
    resolve();
    await browser.run("opens", { url: `${url}/good` });
  });

  test("run() starts another process once one has ended, and says what that ended with", async () => {
    const message = await complaintOf(
      browser.run("failsUnheard", null as never, { wait: () => Promise.withResolvers().promise }),
    );
    expect(message).toContain("the browser's process ended with 1");
    await browser.run("opens", { url: `${url}/good` });
  });

  test("GivenLine cuts what goes over it, and mends", async () => {
    const line = await GivenLine.open(url);
    const helpers = { cut: () => line.cut(), mend: () => line.mend() };
    const seen = await browser.run("livesThroughACut", { url: `${line.url}/good` }, helpers);
    await line.close();
    expect(seen).toEqual([200, "lost", 200]);
  });
});
