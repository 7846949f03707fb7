/** Goal: pages are served strictly: in their reader's language, without a script of their own, with files that never change under a name. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { etagOf } from "../../http/plugins/etag.ts";
import { pageAt, pathOf } from "../../http/web/paths.ts";
import { GivenApp } from "../support/given-app.ts";

const HTML = { accept: "text/html,application/xhtml+xml" };

let given: GivenApp;

beforeAll(async () => {
  given = await GivenApp.open();
});

afterAll(() => given.close());

async function scriptAndStyle(): Promise<readonly string[]> {
  const html = await (await given.get("/", HTML)).text();
  return [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
}

describe("a member's page", () => {
  test("is in the language of the address, which is remembered, of the cookie, or of the browser", async () => {
    const chosen = await given.get("/login?lang=ko", HTML);
    expect(await chosen.text()).toContain('<html lang="ko">');
    expect(chosen.headers.get("set-cookie")).toMatch(/^language=ko; Path=\/; Max-Age=\d+; SameSite=Lax$/);
    const remembered = await given.get("/login", { ...HTML, cookie: "language=ko", "accept-language": "en" });
    expect(await remembered.text()).toContain("<h1>로그인</h1>");
    const asked = await given.get("/login", { ...HTML, "accept-language": "ko-KR" });
    expect(await asked.text()).toContain('<html lang="ko">');
    expect(asked.headers.get("vary")).toBe("cookie, accept-language, accept-encoding");
  });

  test("runs nothing but files of ours, and is framed by nobody", async () => {
    const answer = await given.get("/", HTML);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const html = await answer.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
    expect(html).not.toMatch(/<style| style=| on\w+=/);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test("shows its heading and the way to log in before any script, and to members their trips", async () => {
    const html = await (await given.get("/flights/PG-1/seats", HTML)).text();
    expect(html).toContain("<h1>Choose your seats</h1>");
    expect(html).toContain('<a href="/login">Log in</a>');
    const members = await (await given.get("/reservations", { ...HTML, cookie: "member=1" })).text();
    expect(members).toContain("My trips");
    expect(members).not.toContain('href="/login"');
  });

  test("is not sent again to whoever has it", async () => {
    const first = await given.get("/", HTML);
    const etag = first.headers.get("etag") ?? "";
    const again = await given.get("/", { ...HTML, "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
    expect(first.headers.get("cache-control")).toBe("no-cache");
  });

  test("says nothing that an address brings", async () => {
    const answer = await given.get("/nowhere/%3Cscript%3E?lang=en&x=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", HTML);
    expect(await answer.text()).not.toMatch(/<script>|"><script/);
  });
});

describe("where there is no page", () => {
  test("people are told so by one, and programs by a problem", async () => {
    const people = await given.get("/nowhere", HTML);
    expect(people.status).toBe(404);
    expect(people.headers.get("content-type")).toStartWith("text/html");
    expect(await people.text()).toContain("This page has flown away");
    const programs = await given.get("/nowhere", { accept: "application/json" });
    expect(programs.status).toBe(404);
    expect(await programs.json()).toMatchObject({ code: "NOT_FOUND" });
  });

  test("nobody is told that they have the page of it already", async () => {
    for (const held of ["*", etagOf(await (await given.get("/nowhere", HTML)).text())]) {
      const answer = await given.get("/nowhere", { ...HTML, "if-none-match": held });
      expect([answer.status, answer.headers.get("etag")]).toEqual([404, null]);
      expect(await answer.text()).toContain("This page has flown away");
    }
  });

  test("the API answers as ever, also to people", async () => {
    const answer = await given.get("/api/v1/nowhere", HTML);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const method = await given.get("/api/v1/sessions", HTML);
    expect(method.status).toBe(405);
    expect(method.headers.get("allow")).toBe("POST, DELETE");
  });
});

describe("what pages load", () => {
  test("is kept for ever, and comes compressed", async () => {
    const paths = await scriptAndStyle();
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const answer = await given.get(path, { "accept-encoding": "gzip, br" });
      expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(answer.headers.get("content-encoding")).toBe("gzip");
      const plain = await given.get(path, { "accept-encoding": "gzip;q=0" });
      expect(plain.headers.get("content-encoding")).toBeNull();
      const unpacked = Bun.gunzipSync(new Uint8Array(await answer.arrayBuffer()));
      expect(Buffer.from(unpacked).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
    }
  });

  test("has one language in it", async () => {
    const [script = ""] = (await scriptAndStyle()).filter((path) => path.endsWith(".js"));
    const code = await (await given.get(script)).text();
    expect(script).toContain("member-en-");
    expect(code).toContain("Who is travelling?");
    expect(code).not.toContain("누가 탑승하나요");
  });

  test("of another version is given in this one, and kept by nobody", async () => {
    for (const path of await scriptAndStyle()) {
      const other = await given.get(path.replace(/-[^-]+\./, "-0000."));
      expect(other.headers.get("cache-control")).toBe("no-store");
      expect(await other.text()).toBe(await (await given.get(path)).text());
    }
  });

  test("of no name of ours is nowhere", async () => {
    const paths = [
      "/assets/other.js",
      "/assets/member-en-0000.chunk.js",
      "/assets/member-en-0.png",
      "/assets/..%2froutes.ts",
    ];
    for (const path of paths) expect((await given.get(path)).status, path).toBe(404);
  });

  test("has the mark for the browser's tab", async () => {
    const answer = await given.get("/favicon.svg");
    expect(answer.headers.get("content-type")).toBe("image/svg+xml");
    expect(await answer.text()).toStartWith('<svg xmlns="http://www.w3.org/2000/svg"');
  });
});

describe("paths", () => {
  test("pageAt() knows what pathOf() makes", () => {
    expect(pageAt(pathOf("seats", "PG-101"))).toEqual({ page: "seats", id: "PG-101" });
    expect(pageAt("/flights/")).toEqual({ page: "results", id: "" });
    expect(pageAt(pathOf("ticket", "99/1"))).toEqual({ page: "ticket", id: "99/1" });
    expect(pageAt("/flights/x/waiting-room")).toBeNull();
    expect(pageAt("/flights/%E0%A4%A/seats")).toEqual({ page: "seats", id: "%E0%A4%A" });
  });
});
