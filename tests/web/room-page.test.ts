/** Goal: the waiting room's page is whole as the server writes it: it says where one stands, and takes a place by a form, for whom no script runs. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { RoomChange } from "../../queue/room/room.ts";
import { GivenApp } from "../support/given-app.ts";
import { plannedFlight } from "../support/given-catalogue.ts";
import { until } from "../support/until.ts";

const FLIGHT = plannedFlight();
const PATH = `/flights/${FLIGHT.id}/waiting-room`;
const KIM = { email: "kim@example.com", password: "correct horse", name: "Kim Minji" };
const ORIGIN = "http://localhost:3000";

let given: GivenApp;

beforeEach(async () => {
  given = await GivenApp.open({ flights: [FLIGHT] });
});

afterEach(() => given.close());

async function room(change: Partial<RoomChange> = {}): Promise<void> {
  const changing = await given.waitingRooms.operator.change(FLIGHT.id, { mode: "on", ...change });
  expect(changing).toMatchObject({ ok: true });
}

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What the page says, without its markup and its data. */
  readonly heading: string;
}

/** A browser of its own, with its cookies. */
class Browser {
  readonly #cookies = new Map<string, Bun.Cookie>();

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    json?: object,
  ): Promise<Response> {
    const mine = [...this.#cookies.values()].filter((cookie) => path.startsWith(cookie.path));
    const request = new Request(ORIGIN + path, {
      method,
      headers: {
        origin: ORIGIN,
        cookie: mine.map(({ name, value }) => `${name}=${value}`).join("; "),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const response = await given.app.handle(request);
    for (const text of response.headers.getSetCookie()) {
      const cookie = Bun.Cookie.parse(text);
      this.#cookies.set(cookie.name, cookie);
    }
    return response;
  }

  async page(headers: Readonly<Record<string, string>> = {}, path = PATH): Promise<Page> {
    const response = await this.send("GET", path, headers);
    const html = await response.text();
    const heading = /<h1[^>]*>([^<]*)<\/h1>/.exec(html)?.[1] ?? "";
    return { status: response.status, headers: response.headers, html, heading };
  }

  cookie(name: string): Bun.Cookie | undefined {
    return this.#cookies.get(name);
  }

  async logIn(): Promise<this> {
    await this.send("POST", "/api/v1/members", {}, KIM);
    const { status } = await this.send("POST", "/api/v1/sessions", {}, { email: KIM.email, password: KIM.password });
    expect(status).toBe(200);
    return this;
  }
}

describe("the page", () => {
  test("says that there is nothing to wait for while the room is off, and leads on", async () => {
    const { status, html, heading } = await new Browser().page();
    expect([status, heading]).toEqual([200, "No waiting now"]);
    expect(html).toContain(`href="/flights/${FLIGHT.id}/seats"`);
  });

  test("says of a flight that nobody knows that it isn't there", async () => {
    for (const id of ["GS-999-2030-06-01-GMP", "%3Cscript%3E"]) {
      const { status, heading, html } = await new Browser().page({}, `/flights/${id}/waiting-room`);
      expect([status, heading]).toEqual([404, "There is no such flight"]);
      expect(html).not.toContain("<script>");
      // A script would go on looking for a place.
      expect(html).not.toMatch(/<script|http-equiv="refresh"/);
    }
  });

  test("asks who is nobody to log in, and keeps who travels", async () => {
    await room();
    const { heading, html } = await new Browser().page({}, `${PATH}?adults=2`);
    expect(heading).toBe("Log in to join the line");
    expect(html).toContain(`href="/login?next=${encodeURIComponent(`${PATH}?adults=2`)}"`);
  });

  test("speaks the reader's language, and names the flight in it", async () => {
    const { html } = await new Browser().page({ "accept-language": "ko-KR,ko;q=0.9" });
    expect(html).toContain('<html lang="ko">');
    expect(html).toContain("서울 김포 → 제주");
    expect(html).toContain("2030년 6월 1일 (토) 08:00 출발");
    expect(html).toContain("지금은 기다리지 않아도 됩니다");
  });

  test("lets no inline script run, and is sent compressed to who takes it", async () => {
    const plain = await new Browser().page();
    expect(plain.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(plain.html.match(/<script(?![^>]*(src=|application\/json))/)).toBeNull();
    const response = await new Browser().send("GET", PATH, { "accept-encoding": "gzip" });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(new TextDecoder().decode(Bun.gunzipSync(await response.bytes()))).toBe(plain.html);
  });
});

describe("the form", () => {
  test("takes a place, the same again, and shows it at every reload", async () => {
    await room({ admitPerMinute: 1 });
    const kim = await new Browser().logIn();
    expect((await kim.page()).html).toContain('<form method="post"');
    for (let times = 0; times < 2; times++) {
      const joined = await kim.send("POST", `${PATH}?adults=2`);
      expect([joined.status, joined.headers.get("location")]).toEqual([303, `${PATH}?adults=2`]);
    }
    expect(kim.cookie("room_ticket")).toMatchObject({ httpOnly: true, sameSite: "lax", path: PATH });
    const { heading, html } = await kim.page();
    expect(heading).toBe("Your place in line");
    expect(html).toContain('<p class="figure">1</p>');
    expect(html).toContain('<noscript><meta http-equiv="refresh"');
  });

  test("leads on when it is one's turn", async () => {
    await room({ admitPerMinute: 600 });
    const kim = await new Browser().logIn();
    await kim.send("POST", PATH);
    await until(async () => {
      given.clock.advance(1_000);
      return (await kim.page()).heading === "It's your turn";
    }, "the turn");
    expect((await kim.page()).html).toContain(`href="/flights/${FLIGHT.id}/seats"`);
  });

  test("is not for a page of another site", async () => {
    await room();
    const kim = await new Browser().logIn();
    const { status } = await kim.send("POST", PATH, { origin: "https://elsewhere.example" });
    expect(status).toBe(403);
    expect(kim.cookie("room_ticket")).toBeUndefined();
  });

  test("asks who is nobody to log in", async () => {
    await room();
    const response = await new Browser().send("POST", PATH);
    expect(await response.text()).toContain("Log in to join the line");
  });

  test("says who can't join this sale, and when it takes a script", async () => {
    await room({ registeredBeforeMs: given.clock.nowMs() });
    const kim = await new Browser().logIn();
    expect(await (await kim.send("POST", PATH)).text()).toContain("accounts that were made before");
    await room({ registeredBeforeMs: null, proofOfWork: "on" });
    expect(await (await kim.send("POST", PATH)).text()).toContain("needs JavaScript");
    expect(kim.cookie("room_ticket")).toBeUndefined();
  });

  test("says that places are kept while the room can't be reached", async () => {
    await room();
    const kim = await new Browser().logIn();
    await kim.send("POST", PATH);
    // More often than anybody may ask.
    const answers: string[] = [];
    for (let times = 0; times < 40; times++) answers.push(await (await kim.send("POST", PATH)).text());
    expect(answers.at(-1)).toContain("Your place is kept");
  });
});
