/** Goal: 2,000 requests of 50 members at once for one seat: one has it, and all others are told so, with seats that are really free. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { GivenProgram } from "../support/given-program.ts";
import type { RawAnswer } from "../support/raw-http.ts";
import { requestText, sendAtOnce } from "./at-once.ts";
import { type AnswerBody, holdBody, holdPath, Member, seatStates } from "./member.ts";
import { importFlights } from "./timetable.ts";

const MEMBERS = 50;
const REQUESTS_PER_MEMBER = 40;
const SEAT = "3C";

/** A hundred passwords are hashed, on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;

setDefaultTimeout(TEST_MS_MAX);

const given = new GivenProgram();
let flightId: string;
let members: Member[];

beforeAll(async () => {
  flightId = present((await importFlights(given, [1]))[0], "a flight");
  await given.start();
  members = await Member.signUpMany(given, MEMBERS);
});

afterAll(() => given.remove());

function bodyOf({ body }: RawAnswer): AnswerBody {
  return JSON.parse(body);
}

test("one seat is sold once, each refusal names free seats, and every answer is given again byte for byte", async () => {
  const requests = Array.from({ length: REQUESTS_PER_MEMBER }, (_, round) =>
    members.map(({ token }, at) =>
      requestText(
        "POST",
        holdPath(flightId),
        {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "idempotency-key": `key-${at}-${round}`,
        },
        JSON.stringify(holdBody([SEAT])),
      ),
    ),
  ).flat();
  expect(requests).toHaveLength(2_000);

  const answers = await sendAtOnce(given.server.port, requests);
  const won = answers.filter(({ status }) => status === 201);
  expect(won.map((answer) => bodyOf(answer).passengers[0]?.seat)).toEqual([SEAT]);
  const lost = answers.filter(({ status }) => status === 409);
  expect(lost).toHaveLength(1_999);
  expect(new Set(lost.map((answer) => bodyOf(answer).code))).toEqual(new Set(["SEAT_TAKEN"]));
  expect(answers.filter(({ headers }) => "idempotency-replayed" in headers)).toEqual([]);

  const states = await seatStates(given.url, flightId);
  expect([...states].filter(([, state]) => state !== "free")).toEqual([[SEAT, "held"]]);
  for (const answer of lost) {
    const { alternatives } = bodyOf(answer);
    expect(alternatives.length).toBeGreaterThan(0);
    expect(alternatives.filter((seat) => states.get(seat) !== "free")).toEqual([]);
  }
  const owners = await Promise.all(members.map(async (member) => (await member.reservations()).map(({ id }) => id)));
  expect(owners.flat()).toEqual(won.map((answer) => bodyOf(answer).id));

  const again = await sendAtOnce(given.server.port, requests);
  expect(again.map(({ status, body }) => [status, body])).toEqual(answers.map(({ status, body }) => [status, body]));
  expect(again.every(({ headers }) => headers["idempotency-replayed"] === "true")).toBe(true);

  expect(given.server.errors).toEqual([]);
  expect(await given.server.stop()).toMatchObject({ exitCode: 0 });
  expect(await given.doctor()).toMatchObject({
    exitCode: 0,
    err: "",
    out: expect.stringContaining("Clean: 1 flights"),
  });
});
