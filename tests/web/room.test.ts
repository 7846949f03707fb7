/** Goal: a member waits fairly and at ease: the place stays, whatever happens to tabs, connection and server, and the turn is not missed. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Member } from "../process/member.ts";
import { importFlights, numbersTo } from "../process/timetable.ts";
import { GivenProgram } from "../support/given-program.ts";
import { until } from "../support/until.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import { GivenLine } from "./harness/line.ts";
import type * as scripts from "./room.browser.ts";

setDefaultTimeout(60_000);

const OPERATOR = { email: "operator@example.com", password: "an operator's password" };
const PASSWORD = "a password for tests";
const PARTY = "?adults=2";

/** More than tests and their second attempts. */
const FLIGHTS = 24;

describeInBrowser("the waiting room", () => {
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "room.browser.ts"));
  const program = new GivenProgram({ ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password });
  let flights: UntouchedFlights;
  let line: GivenLine;
  let operator: Member;

  beforeAll(async () => {
    flights = new UntouchedFlights(await importFlights(program, numbersTo(FLIGHTS)));
    await program.start();
    line = await GivenLine.open(program.url);
    operator = await Member.logIn(program, OPERATOR.email, OPERATOR.password);
  });

  afterAll(async () => {
    await browser.close();
    await line.close();
    await program.remove();
  });

  /** A room of their own for a test, and a member who comes to it: tests go on side by side. */
  async function given() {
    const flightId = flights.next();
    const member = { email: (await Member.signUp(program)).email, password: PASSWORD };
    const path = `/api/v1/flights/${flightId}/waiting-room`;
    const set = async (change: object): Promise<void> => {
      const { status, text } = await operator.send("PUT", `/api/v1/admin/flights/${flightId}/waiting-room`, {
        body: change,
      });
      if (status !== 200) throw new Error(`the room: ${status} ${text}`);
    };
    return {
      flightId,
      where: { url: line.url, path: `/flights/${flightId}/waiting-room${PARTY}`, member },
      path,
      set,
      /** Space for one more than {@link givenFull} has. */
      admit: () => set({ mode: "on", maxActive: 2 }),
    };
  }

  /** A room with space for one, which somebody else has taken. */
  async function givenFull() {
    const room = await given();
    await room.set({ mode: "on", maxActive: 1, admitPerMinute: 6_000 });
    const first = await Member.signUp(program);
    const joined = await first.send("POST", `${room.path}/tickets`, { body: {} });
    const { ticket }: { ticket: string } = JSON.parse(joined.text);
    const enters = async () => (await first.send("POST", `${room.path}/passes`, { body: { ticket } })).status === 201;
    await until(enters, "the first pass", 20_000);
    return room;
  }

  const opensIn = (ms: number) => ({ mode: "on", opensAt: new Date(Date.now() + ms).toISOString() });

  test.concurrent("keeps the place over a reload and in a second tab, calls when it is one's turn, and leads on to the seats", async () => {
    const { where, flightId, admit } = await givenFull();
    const { places, returned, titles, end } = await browser.run("waitsAndEnters", where, { admit });
    expect(places).toEqual([1, 1, 1]);
    expect(returned).toBe(true);
    expect(titles).toEqual(["1 · Waiting room", "● It's your turn"]);
    expect(end).toBe(`/flights/${flightId}/seats${PARTY}`);
  });

  test.concurrent("works without scripts: joins by a form, reloads by itself, and leads on", async () => {
    const { where, flightId, admit } = await givenFull();
    const { places, refreshes, end } = await browser.run("worksWithoutScripts", where, { admit });
    expect(places).toEqual([1, 1]);
    expect(Number(refreshes)).toBeGreaterThan(0);
    expect(end).toBe(`/flights/${flightId}/seats${PARTY}`);
  });

  test.concurrent("calls who looks elsewhere, and gives a pass only when they are back", async () => {
    const { where, flightId, admit } = await givenFull();
    const active = async () =>
      JSON.parse((await operator.get(`/api/v1/admin/flights/${flightId}/waiting-room`)).text).active as number;
    const { title, hadPass, bells, said } = await browser.run("comesBackForTheTurn", where, { admit, active });
    expect(title).toBe("● It's your turn");
    expect(hadPass).toBe(false);
    expect(bells).toBe(2);
    expect(said).toStartWith("It's your turn.");
  });

  test.concurrent("asks for the status where no stream gets through", async () => {
    const { where, admit } = await givenFull();
    expect(await browser.run("hearsWithoutAStream", where, { admit })).toBe(1);
  });

  test.concurrent("gives who follows at the same browser a place of their own", async () => {
    const { where } = await givenFull();
    const other = { email: (await Member.signUp(program)).email, password: PASSWORD };
    expect(await browser.run("followsAnother", { ...where, other })).toEqual([1, 2]);
  });

  test.concurrent("is without barriers in the dark", async () => {
    const { where, admit } = await givenFull();
    await browser.run("looksInTheDark", where, { admit });
  });

  test.concurrent("asks to log in, and goes on where the party was", async () => {
    const { where } = await givenFull();
    const { next, place } = await browser.run("logsIn", where);
    expect(next).toBe(`/login?next=${encodeURIComponent(where.path)}`);
    expect(place).toBe(1);
  });

  test.concurrent("counts down to the opening, and then shows the place that was drawn", async () => {
    const { where, path, set } = await given();
    await set({ ...opensIn(240_000), maxActive: 1, admitPerMinute: 1 });
    const others = await Member.signUpMany(program, 4);
    await Promise.all(others.map((other) => other.send("POST", `${path}/tickets`, { body: {} })));
    const { early, later, place } = await browser.run("waitsForTheOpening", where, {
      // Late enough for the line to be frozen and drawn before.
      openSoon: () => set(opensIn(4_000)),
    });
    expect(early).toMatch(/^[34]:\d\d$/);
    expect(later < early).toBe(true);
    expect(place).toBeGreaterThanOrEqual(1);
    expect(place).toBeLessThanOrEqual(5);
  });

  test.concurrent("shows its ticket once more before the line is frozen", async () => {
    const { where, set } = await given();
    await set(opensIn(600_000));
    const { before, kept, shown, waitsOn } = await browser.run("handsItsTicketIn", where, {
      openSooner: () => set(opensIn(30_000)),
    });
    expect(before).toBe(0);
    expect(shown).toEqual(kept);
    expect(shown).toEqual({ ticket: expect.any(String) });
    expect(waitsOn).toBe(true);
  });

  test.concurrent("has a browser work for its place while the operator wants it", async () => {
    const { where, set } = await givenFull();
    await set({ mode: "on", proofOfWork: "on" });
    expect(await browser.run("worksForAPlace", where)).toBe(1);
  });

  test.concurrent("says when the sale is paused, goes on, and is closed", async () => {
    const { where, set } = await givenFull();
    await browser.run("isToldOfTheSale", where, {
      pause: () => set({ mode: "paused" }),
      resume: () => set({ mode: "on" }),
      close: () => set({ mode: "closed" }),
    });
  });

  test.concurrent("says that the sale is closed to who has been let in as well", async () => {
    const { where, set, admit } = await givenFull();
    const close = () => set({ mode: "closed" });
    expect(await browser.run("isShutAtTheTurn", where, { admit, close })).toBe(0);
  });

  test("survives a lost connection", async () => {
    const { where, admit } = await givenFull();
    const helpers = { admit, cut: () => line.cut(), mend: () => line.mend() };
    expect(await browser.run("livesThroughACut", where, helpers)).toEqual({ before: 1, during: 1, after: 1 });
  });

  test("survives a server that is killed and started anew", async () => {
    const { where, admit } = await givenFull();
    const helpers = {
      admit,
      kill: async () => {
        // The room writes down how far it is each second.
        await Bun.sleep(1_500);
        await program.server.kill();
      },
      start: async () => line.leadTo((await program.start()).url),
    };
    expect(await browser.run("livesThroughARestart", where, helpers)).toEqual({ before: 1, after: 1 });
  });
});
