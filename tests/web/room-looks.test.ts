/** Goal: the waiting room's page is light, without barriers, and says what is the matter in every stage, also those that are hard to come by. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { importFlights } from "../process/timetable.ts";
import { GivenProgram } from "../support/given-program.ts";
import { describeInBrowser, GivenBrowser } from "./harness/given-browser.ts";
import type * as scripts from "./room-looks.browser.ts";

setDefaultTimeout(60_000);

const BYTES_MAX = 15_000;

const OPEN = {
  state: "open",
  epoch: 3,
  admitted: 8_412,
  joined: 21_907,
  waiting: 13_495,
  ratePerMinute: 310,
  seatsLeft: 1_204,
  opensAt: new Date(Date.now() - 60_000).toISOString(),
  seedHash: "9f2c61d5b8e04a7733c1f0a6d2be845196aa3de0417b5c98f3012764dcab58e1",
  pollAfterMs: 2_000,
  workBits: 0,
  beacon: null,
  frozen: { n: 12_000, root: "" },
};

const JOINED = { status: 201, body: { ticket: "t", seq: 9_544, state: "WAITING", place: 9_544 } };
/** Whose place is reached. */
const REACHED = { ...JOINED, body: { ...JOINED.body, place: OPEN.admitted } };
const WAITING = {
  status: 409,
  body: { code: "NOT_YET", reason: "WAITING", position: 1_132, etaSeconds: { p50: 219, p90: 402 } },
};
const AT_DOOR = {
  status: 409,
  body: { code: "NOT_YET", reason: "AT_DOOR", position: 3, etaSeconds: { p50: 5, p90: 12 } },
};
const EXPIRED = { status: 409, body: { code: "PLACE_EXPIRED" } };
const passed = () => ({ status: 201, body: { pass: "p", expiresAt: new Date(Date.now() + 598_000).toISOString() } });

function scenesIn(language: "ko" | "en"): readonly scripts.Scene[] {
  const scene = (name: string, [en, ko]: readonly [string, string], parts: Partial<scripts.Scene> = {}) => ({
    name,
    heading: language === "en" ? en : ko,
    status: OPEN,
    join: JOINED,
    claim: WAITING,
    ...parts,
  });
  const opensAt = new Date(Date.now() + 754_000).toISOString();
  return [
    scene("line", ["Your place in line", "내 순서"]),
    scene("returned", ["Your place in line", "내 순서"], { join: { ...JOINED, status: 200 } }),
    scene("prequeue", ["The sale opens in", "판매 시작까지"], {
      status: { ...OPEN, state: "prequeue", admitted: 0, opensAt },
      join: { ...JOINED, body: { ...JOINED.body, place: null } },
    }),
    scene("door", ["You are at the door", "입구에 도착했습니다"], { join: REACHED, claim: AT_DOOR }),
    scene("turn", ["It's your turn", "입장할 차례입니다"], { join: REACHED, claim: passed() }),
    scene("expired", ["Your place was not used in time", "시간 안에 입장하지 않았습니다"], {
      join: REACHED,
      claim: EXPIRED,
    }),
    scene("sold-out", ["Sold out", "매진되었습니다"], { status: { ...OPEN, state: "sold_out", seatsLeft: 0 } }),
    scene("paused", ["The sale is paused", "판매가 잠시 멈췄습니다"], { status: { ...OPEN, state: "paused" } }),
    scene("closed", ["The sale is closed", "판매가 끝났습니다"], { status: { ...OPEN, state: "closed" } }),
    scene("off", ["No waiting now", "지금은 기다리지 않아도 됩니다"], { status: { ...OPEN, state: "off" } }),
    scene("log-in", ["Log in to join the line", "로그인하고 줄 서기"], {
      join: { status: 401, body: { code: "UNAUTHENTICATED" } },
    }),
    scene("unavailable", ["Finding your place", "내 순서를 확인하고 있습니다"], {
      join: { status: 503, body: { code: "ROOM_UNAVAILABLE" } },
    }),
  ];
}

describeInBrowser("the waiting room's page", () => {
  const browser = new GivenBrowser<typeof scripts>(join(import.meta.dir, "room-looks.browser.ts"));
  const program = new GivenProgram();
  let url = "";

  beforeAll(async () => {
    const [flightId] = await importFlights(program, [1]);
    await program.start();
    url = `${program.url}/flights/${present(flightId, "a flight")}/waiting-room`;
  });

  afterAll(async () => {
    await browser.close();
    await program.remove();
  });

  for (const language of ["ko", "en"] as const) {
    for (const size of ["phone", "desktop"] as const) {
      test.concurrent(`is without barriers in each stage, in ${language} on a ${size}`, async () => {
        await browser.run("looks", { url, language, size, scenes: scenesIn(language) });
      });
    }
  }

  test(`weighs at most ${BYTES_MAX} bytes with all that it loads`, async () => {
    const weight = await browser.run("weighs", { url, language: "ko", size: "phone", scenes: scenesIn("ko") });
    console.log("the waiting room's page in bytes:", weight);
    expect(weight.all).toBeLessThanOrEqual(BYTES_MAX);
  });
});
