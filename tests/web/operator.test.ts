/** Goal: operators see what is going on, in both languages and on a phone as well, and nobody else sees it. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { Member } from "../process/member.ts";
import { importFlights } from "../process/timetable.ts";
import { GivenProgram } from "../support/given-program.ts";
import { UntouchedFlights } from "../support/untouched-flights.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import { GivenLine } from "./harness/line.ts";
import { LoadRun } from "./load-run.ts";
import type * as scripts from "./operator.browser.ts";

setDefaultTimeout(60_000);

const OPERATOR = { email: "operator@example.com", password: "an operator's password" };
const PASSWORD = "a password for tests";

describeInBrowser("the operators' pages", () => {
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "operator.browser.ts"));
  const settings = { ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password, SEATS_PER_MEMBER: "999" };
  const program = new GivenProgram(settings);
  let flightId = "";
  /** Without a waiting room. */
  let flights: UntouchedFlights;
  let member: Member;
  let run: LoadRun;

  beforeAll(async () => {
    flights = new UntouchedFlights(await importFlights(program, [1, 2, 3], 300));
    flightId = flights.next();
    await program.start();
    member = await Member.signUp(program);
    run = new LoadRun(program.url, flightId, member.token, "evening");
    await run.start();
  });

  afterAll(async () => {
    await run.stop();
    await browser.close();
    await program.remove();
  });

  test.concurrent("are for operators alone", async () => {
    const seen = await browser.run("isKeptOut", {
      url: program.url,
      member: { email: member.email, password: PASSWORD },
    });
    const logIn = "/login?next=%2Foperator%2Fhosts";
    expect(seen).toEqual(["Log in as an operator", logIn, "For operators only", logIn]);
  });

  test.concurrent("show what each stage does now, a load run apart, and hold still when they are asked to", async () => {
    const { rates, held, after } = await browser.run("watches", { url: program.url, operator: OPERATOR });
    for (const rate of rates) expect(rate).toBeGreaterThan(0);
    expect(held[1]).toBe(present(held[0], "a row"));
    expect(after).toBe(true);
  });

  test.concurrent("say that the server is away, and ask for nothing that isn't there", async () => {
    const line = await GivenLine.open(program.url);
    const helpers = { cut: () => line.cut(), mend: () => line.mend() };
    const where = { url: line.url, operator: OPERATOR, flightId: flights.next() };
    const said = await browser.run("isCutOff", where, helpers).finally(() => line.close());
    expect(said.filter((one) => one.startsWith("error"))).toEqual([]);
  });

  test.concurrent("run a sale by the keyboard: open, pace, watch the line drain, pause, close", async () => {
    const sale = flights.next();
    const crowd = async () => {
      const people = await Member.signUpMany(program, 12);
      const path = `/api/v1/flights/${sale}/waiting-room/tickets`;
      await Promise.all(people.map((person) => person.send("POST", path, { body: {} })));
    };
    const { waiting, states } = await browser.run(
      "runsASale",
      { url: program.url, operator: OPERATOR, flightId: sale },
      { crowd },
    );
    expect(waiting[0]).toBeGreaterThan(5);
    expect(waiting[1]).toBe(0);
    expect(states).toEqual(["off", "open", "paused", "open", "closed"]);
  });

  test.concurrent("are without barriers in the dark", async () => {
    await browser.run("looksInTheDark", { url: program.url, operator: OPERATOR });
  });

  for (const language of ["ko", "en"] as const) {
    for (const size of ["phone", "desktop"] as const) {
      test.concurrent(`are without barriers, in ${language} on a ${size}`, async () => {
        await browser.run("looksAround", { url: program.url, operator: OPERATOR, flightId, language, size });
      });
    }
  }
});
