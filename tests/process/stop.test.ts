/** Goal: a server that is asked to stop loses nothing that it answered, says good-bye, and is gone soon whatever its clients do. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import type { Socket } from "bun";
import { assert, present } from "../../actors/assert.ts";
import { EventReader } from "../support/event-reader.ts";
import { GivenProgram } from "../support/given-program.ts";
import { readAnswers } from "../support/raw-http.ts";
import { SmtpServer } from "../support/smtp-server.ts";
import { until } from "../support/until.ts";
import { type Answer, checkOut, holdPath, Member, seatStates } from "./member.ts";
import { importFlights } from "./timetable.ts";

/** The grace that a stop leaves to what is under way, and what it takes beside. */
const STOP_MS_MAX = 7_000;

/** What nobody has to be waited for takes. */
const IDLE_STOP_MS_MAX = 2_500;

/** Processes start and stop on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;
const MEMBERS = 4;
const HANDS_OF_A_MEMBER = 8;
/** So many holds of a minute in which everybody comes at once, and then the stop. */
const ANSWERS_BEFORE_STOP = 150;

setDefaultTimeout(TEST_MS_MAX);

const given = new GivenProgram({ KEYS_PER_MEMBER: "100000", SEATS_PER_MEMBER: "999" });
let flightId: string;
let members: Member[];

beforeAll(async () => {
  flightId = present((await importFlights(given, [1], 300))[0], "a flight");
  await given.start();
  members = await Member.signUpMany(given, MEMBERS);
});

afterAll(() => given.remove());

/** A connection that sends what a test says, and keeps what comes back. */
class Line {
  received = "";
  isClosed = false;
  readonly #socket: Socket<Line>;

  private constructor(socket: Socket<Line>) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Line> {
    const socket = await Bun.connect<Line>({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: ({ data }, bytes) => {
          data.received += bytes.toString("latin1");
        },
        close: ({ data }) => {
          data.isClosed = true;
        },
      },
    });
    const line = new Line(socket);
    socket.data = line;
    return line;
  }

  write(text: string): void {
    this.#socket.write(text);
  }
}

interface Held {
  readonly member: Member;
  readonly key: string;
  readonly seats: readonly string[];
  readonly answer: Answer;
}

/** Holds one random seat after the other until nobody answers any more. */
async function holdOn(member: Member, seats: readonly string[], held: Held[]): Promise<void> {
  for (;;) {
    const key = Bun.randomUUIDv7();
    const seat = present(seats[Math.floor(Math.random() * seats.length)], "a seat");
    const answer = await member.hold(flightId, [seat], key).catch(() => null);
    if (answer === null) return;
    held.push({ member, key, seats: [seat], answer });
  }
}

test("under load every answer that was given is durable, and the next start gives it again", async () => {
  const before = await seatStates(given.url, flightId);
  const seats = [...before].filter(([, state]) => state === "free").map(([seat]) => seat);
  const streams = await Promise.all(
    members.map(async () => EventReader.of(await fetch(`${given.url}/api/v1/flights/${flightId}/seats/stream`))),
  );
  for (const stream of streams) expect(await stream.next()).toMatchObject({ event: "snapshot" });
  const lasts = streams.map(async (stream) => {
    let last = "";
    for (let heard = await stream.next(); heard !== null; heard = await stream.next()) last = heard.event;
    return last;
  });

  const held: Held[] = [];
  const hands = members.flatMap((member) =>
    Array.from({ length: HANDS_OF_A_MEMBER }, () => holdOn(member, seats, held)),
  );
  await until(() => held.length >= ANSWERS_BEFORE_STOP, "the load", TEST_MS_MAX);
  const server = given.server;
  const { exitCode, tookMs } = await server.stop();
  await Promise.all(hands);
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(IDLE_STOP_MS_MAX);
  expect(await Promise.all(lasts)).toEqual(members.map(() => "bye"));
  expect(server.errors).toEqual([]);
  expect(new Set(held.map(({ answer }) => answer.status))).toEqual(new Set([201, 409]));
  expect((await given.doctor()).out).toStartWith("Clean: 1 flights");

  await given.start();
  for (const { member, key, seats: asked, answer } of held) {
    const again = await member.hold(flightId, asked, key);
    expect([again.status, again.text]).toEqual([answer.status, answer.text]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  }
  const sold = held.flatMap(({ answer }) =>
    answer.status === 201 ? answer.body.passengers.map(({ seat }) => seat) : [],
  );
  const states = await seatStates(given.url, flightId);
  expect(seats.filter((seat) => states.get(seat) !== "free")).toEqual(seats.filter((seat) => sold.includes(seat)));
});

test("what was begun is answered while it stops: the server says that it is not ready, and is gone with the last answer", async () => {
  const { port } = given.server;
  const [member] = members;
  const token = present(member, "a member").token;
  const stream = EventReader.of(await fetch(`${given.url}/api/v1/flights/${flightId}/seats/stream`));
  expect(await stream.next()).toMatchObject({ event: "snapshot" });
  const [idle, halfHead, hold, lost] = await Promise.all([port, port, port, port].map((each) => Line.open(each)));
  assert(idle !== undefined && halfHead !== undefined && hold !== undefined && lost !== undefined, "four connections");
  idle.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  halfHead.write("GET /readyz HTTP/1.1\r\nHost: loc");
  // Its client will never say the rest.
  lost.write("GET /readyz HTTP/1.1\r\nHost: loc");
  const body = JSON.stringify({ passengers: [{ name: "Kim Minji" }] });
  const head = `POST ${holdPath(flightId)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: last\r\n`;
  hold.write(`${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`);
  await until(() => idle.received.includes("alive"), "the answer on the connection that stays open");

  const stopped = given.server.stop();
  expect(await stream.next()).toMatchObject({ event: "bye" });
  expect(await stream.next()).toBeNull();
  await until(() => idle.isClosed, "the end of the idle connection");
  given.server.sayStopAgain();
  halfHead.write("alhost\r\n\r\n");
  await until(() => halfHead.received.includes("}"), "whether it is ready");
  const [ready] = readAnswers(halfHead.received);
  expect(ready?.status).toBe(503);
  expect(ready?.body).toContain("NOT_READY");

  hold.write(body.slice(5));
  await until(() => hold.received.includes("}"), "the answer to what was begun");
  const [answer] = readAnswers(hold.received);
  expect(answer?.status).toBe(201);
  const { exitCode, tookMs } = await stopped;
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(IDLE_STOP_MS_MAX);

  await given.start();
  const { id } = JSON.parse(answer?.body ?? "{}");
  expect(await present(member, "a member").reservation(id)).toMatchObject({ status: 200, body: { status: "HELD" } });
});

test("told while it starts, it stops in order all the same: a host owns flights before it says that it is ready", async () => {
  const other = new GivenProgram();
  const server = other.begin();
  await until(() => existsSync(other.database), "the start is under way", TEST_MS_MAX);
  expect((await server.stop()).exitCode).toBe(0);
  await other.remove();
});

test("nobody keeps it: neither half a request, nor an open stream, nor a silent mail server", async () => {
  await given.server.stop();
  const mails = await SmtpServer.start();
  let hasBegun = false;
  mails.answer = (step) => {
    hasBegun = true;
    // It takes the connection, and then says nothing any more.
    return step === "GREETING" ? mails.usual(step) : "";
  };
  const { port, sandboxUrl } = await given.start({ SMTP_URL: mails.url });
  const member = present(members[0], "a member");
  const glob = new Bun.Glob("*.ticket@*.eml");
  const mailsKept = (): number => [...glob.scanSync(`${given.dataDir}/mail`)].length;
  const keptBefore = mailsKept();
  const key = Bun.randomUUIDv7();
  const held = await member.send("POST", holdPath(flightId), { body: { passengers: [{ name: `Kim ${key}` }] }, key });
  const paid = await member.pay(held.body.id);
  await checkOut(paid.body.checkoutUrl, { outcome: "approve" }, sandboxUrl ?? "");
  await until(() => hasBegun, "the mail of the tickets", TEST_MS_MAX);

  const half = await Line.open(port);
  half.write(
    `POST ${holdPath(flightId)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
  );
  const stream = await Line.open(port);
  stream.write(`GET /api/v1/flights/${flightId}/seats/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await until(() => stream.received.includes("snapshot"), "the stream");

  const { exitCode, tookMs } = await given.server.stop();
  expect(exitCode).toBe(0);
  expect(tookMs).toBeLessThan(STOP_MS_MAX);
  await mails.stop();

  // The mail was not sent, and is not lost.
  await given.start();
  await until(() => mailsKept() === keptBefore + 1, "the mail of the tickets");
});
