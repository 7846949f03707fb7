/** Owns what every bus must keep to, whatever carries it: run over each implementation of the port. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Answer, Answering, Bus, Sending, StopServing } from "../../actors/bus/bus.ts";
import {
  ALL_JOURNALS,
  type JournalHint,
  journalSubject,
  type SeatDelta,
  seatsSubject,
} from "../../actors/bus/subjects.ts";
import type { Command } from "../../actors/domain/command.ts";
import { type FlightId, shardOf } from "../../actors/domain/ids.ts";
import type { Rejection, Reply } from "../../actors/domain/reply.ts";
import { type OperationalCode, OperationalError } from "../../actors/errors.ts";
import { FLIGHT_ID, givenAdults, givenCommand } from "../support/given.ts";
import { until } from "../support/until.ts";

/** A bus as it is reached by those who own flights and by those who ask them: the same, or two of one network. */
export interface BusUnderTest {
  readonly owner: Bus;
  readonly caller: Bus;
  close(): Promise<void>;
}

const SHARD = shardOf(FLIGHT_ID);
const DONE: Reply = { ok: true, result: { kind: "done" } };
const DEADLINE_MS = Date.UTC(2100, 0, 1);

export function busContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus ${name}`, () => {
    let under: BusUnderTest;
    let owner: Bus;
    let caller: Bus;
    let taken: { command: Command; answer: Answering }[];
    const stops: StopServing[] = [];

    beforeAll(async () => {
      under = await open();
      ({ owner, caller } = under);
    });
    beforeEach(() => {
      taken = [];
    });
    afterEach(async () => {
      await Promise.all(stops.splice(0).map((stop) => stop()));
    });
    afterAll(() => under.close());

    async function serve(shard = SHARD): Promise<StopServing> {
      const stop = await owner.serve(shard, (command, answer) => taken.push({ command, answer }));
      stops.push(stop);
      return stop;
    }

    /** Sends, and notes the answers as they come. */
    function send(...commands: readonly Command[]): Answer[][] {
      const answers = commands.map((): Answer[] => []);
      const sendings = commands.map(
        (command, at): Sending => ({ command, answer: (answer) => answers[at]?.push(answer) }),
      );
      caller.send(SHARD, sendings);
      return answers;
    }

    async function answeredWith(answer: Answer, command: Command = holdCommand("k1")): Promise<Answer> {
      const [answers = []] = send(command);
      await until(() => taken.length > 0, "the command");
      for (const each of taken.splice(0)) each.answer(answer);
      await until(() => answers.length > 0, "its answer");
      expect(answers).toHaveLength(1);
      return answers[0] as Answer;
    }

    test("send() gives a command to whoever serves its shard, as it was sent", async () => {
      await serve();
      const commands = everyCommand();
      send(...commands);
      await until(() => taken.length === commands.length, "every command");
      const sorted = (all: readonly Command[]) => [...all].sort((a, b) => (a.op < b.op ? -1 : 1));
      expect(sorted(taken.map(({ command }) => command))).toEqual(sorted(commands));
    });

    test("send() gives back what was answered, and whether it was answered before", async () => {
      await serve();
      const reply: Reply = {
        ok: true,
        result: {
          kind: "reservation",
          reservation: {
            id: "r1",
            pnr: "ABCDEF",
            flightId: FLIGHT_ID,
            member: "m1",
            status: "HELD",
            passengers: [{ type: "ADT", seat: "1A" }],
            total: { amount: 90_000, currency: "KRW" },
            expiresAtMs: DEADLINE_MS,
          },
        },
      };
      const first: Answer = { ok: true, reply, isReplay: false };
      const again: Answer = { ok: true, reply, isReplay: true };
      expect(await answeredWith(first)).toEqual(first);
      expect(await answeredWith(again)).toEqual(again);
    });

    test("send() gives a rejection back as the value that it is, with all it says", async () => {
      await serve();
      const rejections: Rejection[] = [
        { code: "SOLD_OUT", detail: "Not enough seats are free." },
        { code: "SEAT_TAKEN", detail: "Taken: 1A.", seats: ["1A"], alternatives: ["1B", "1C"] },
        { code: "VALIDATION", detail: "A reservation has 1 to 9 passengers.", field: "passengers" },
      ];
      for (const rejection of rejections) {
        const answer: Answer = { ok: true, reply: { ok: false, rejection }, isReplay: false };
        expect(await answeredWith(answer)).toEqual(answer);
      }
    });

    test.each(["OVERLOADED", "DEADLINE_EXCEEDED", "TOO_MANY_KEYS", "UNAVAILABLE", "NOT_OWNER", "INTERNAL"] as const)(
      "send() gives a failure back as what it was thrown for: %s",
      async (code) => {
        await serve();
        const answer = await answeredWith({ ok: false, error: new OperationalError(code, "Not now.") });
        expect(answer.ok).toBe(false);
        expect(failureIn(answer)).toEqual({
          code,
          message: "Not now.",
          retryable: code !== "INTERNAL",
          retryAfterMs: undefined,
        });
      },
    );

    test("send() gives back how long to wait", async () => {
      await serve();
      const error = new OperationalError("OVERLOADED", "Too much waits.", { retryAfterMs: 1_500 });
      expect(failureIn(await answeredWith({ ok: false, error }))).toMatchObject({
        code: "OVERLOADED",
        retryAfterMs: 1_500,
      });
    });

    test("send() gives a read's answer back, be it long", async () => {
      await serve();
      const seats = Array.from({ length: 20_000 }, (_, at) => ({
        seat: `${at % 1_000}A`,
        cabin: "Y",
        price: { amount: 90_000, currency: "KRW" },
        state: "free" as const,
        features: ["WINDOW"],
      }));
      const reply: Reply = {
        ok: true,
        result: { kind: "seat-map", seatMap: { flightId: FLIGHT_ID, seatVersion: 7, seats } },
      };
      const answer: Answer = { ok: true, reply, isReplay: false };
      expect(
        await answeredWith(answer, givenCommand("seat-map", {}, { member: null, deadlineMs: DEADLINE_MS })),
      ).toEqual(answer);
    });

    test("send() takes any number of commands at once, and answers each as it is answered: a slow one delays nobody", async () => {
      await serve();
      const commands = Array.from({ length: 300 }, (_, at) => holdCommand(`k${at}`));
      const answers = send(...commands);
      await until(() => taken.length === 300, "every command");
      for (const { command, answer } of taken) {
        if (command.key !== "k77") answer({ ok: true, reply: DONE, isReplay: command.key === "k5" });
      }
      await until(() => answers.filter((each) => each.length > 0).length === 299, "all answers but one");
      expect(answers[77]).toEqual([]);
      expect(answers[5]).toEqual([{ ok: true, reply: DONE, isReplay: true }]);
      taken.find(({ command }) => command.key === "k77")?.answer({ ok: true, reply: DONE, isReplay: false });
      await until(() => answers[77]?.length === 1, "the slow one");
      expect(answers.every((each) => each.length === 1)).toBe(true);
    });

    test("send() takes long commands, many at once", async () => {
      await serve();
      const longName = "é".repeat(100);
      const passengers = Array.from({ length: 9 }, () => ({ name: longName, type: "ADT" as const }));
      const commands = Array.from({ length: 100 }, (_, at) =>
        givenCommand("hold", { passengers }, { key: `long-${at}`, fingerprint: "long", deadlineMs: DEADLINE_MS }),
      );
      const answers = send(...commands);
      await until(() => taken.length === 100, "every command");
      expect(taken.map(({ command }) => command)).toEqual(commands);
      for (const { answer } of taken) answer({ ok: true, reply: DONE, isReplay: false });
      await until(() => answers.every((each) => each.length === 1), "every answer");
    });

    test("send() answers NOT_OWNER at once when nobody serves the shard, be it a change or a read", async () => {
      const answers = send(
        holdCommand("k1"),
        holdCommand("k2"),
        givenCommand("seat-map", {}, { deadlineMs: DEADLINE_MS }),
      );
      await until(() => answers.every((each) => each.length === 1), "every answer");
      expect(answers.map(([answer]) => answer && failureIn(answer)?.code)).toEqual([
        "NOT_OWNER",
        "NOT_OWNER",
        "NOT_OWNER",
      ]);
    });

    test("serve() is given the commands of its shard and of no other", async () => {
      await serve((SHARD + 1) % 256);
      const [answers = []] = send(holdCommand("k1"));
      await until(() => answers.length === 1, "the answer");
      expect(answers[0] && failureIn(answers[0])?.code).toBe("NOT_OWNER");
      expect(taken).toEqual([]);
    });

    test("a stop of serving resolves when what was on its way has come; then nobody serves", async () => {
      const stop = await serve();
      const before = send(holdCommand("k1"), holdCommand("k2"));
      await until(() => taken.length === 2, "both");
      await stop();
      const after = send(holdCommand("k3"));
      await until(() => after[0]?.length === 1, "the answer");
      expect(taken).toHaveLength(2);
      expect(after[0]?.[0] && failureIn(after[0][0])?.code).toBe("NOT_OWNER");
      // What was taken is still answered.
      for (const { answer } of taken) answer({ ok: true, reply: DONE, isReplay: false });
      await until(() => before.every((each) => each.length === 1), "their answers");
    });

    test("serve() of a shard that was given up serves it again", async () => {
      const stop = await serve();
      await stop();
      await serve();
      send(holdCommand("k1"));
      await until(() => taken.length === 1, "the command");
    });

    test("subscribe() hears what is published on its subject, in order, and nothing else", async () => {
      const heard: SeatDelta[] = [];
      const unsubscribe = caller.subscribe(seatsSubject(FLIGHT_ID), (delta) => heard.push(delta));
      await heardBy(caller, owner);
      for (let from = 0; from < 100; from++) {
        owner.publish(seatsSubject(FLIGHT_ID), delta(FLIGHT_ID, from));
        owner.publish(seatsSubject("PG-OTHER"), delta("PG-OTHER", from));
      }
      await until(() => heard.length === 100, "every delta");
      expect(heard).toEqual(Array.from({ length: 100 }, (_, from) => delta(FLIGHT_ID, from)));
      unsubscribe();
      owner.publish(seatsSubject(FLIGHT_ID), delta(FLIGHT_ID, 100));
      await heardBy(caller, owner);
      expect(heard).toHaveLength(100);
    });

    test("subscribe() hears every subject of a kind", async () => {
      const heard: JournalHint[] = [];
      const unsubscribe = owner.subscribe(ALL_JOURNALS, (hint) => heard.push(hint));
      await heardBy(owner, owner);
      for (const type of ["held", "ticketed", "held"] as const) {
        owner.publish(journalSubject(type), { type, flights: [FLIGHT_ID] });
        owner.publish(seatsSubject(FLIGHT_ID), delta(FLIGHT_ID, 1));
      }
      await until(() => heard.length === 3, "every hint");
      expect(heard.map(({ type }) => type)).toEqual(["held", "ticketed", "held"]);
      unsubscribe();
    });

    test("subscribe() lets several hear the same, each until it stops", async () => {
      const heard: string[] = [];
      const stopOne = caller.subscribe(seatsSubject(FLIGHT_ID), () => heard.push("one"));
      const stopTwo = caller.subscribe(seatsSubject(FLIGHT_ID), () => heard.push("two"));
      await heardBy(caller, owner);
      owner.publish(seatsSubject(FLIGHT_ID), delta(FLIGHT_ID, 1));
      await until(() => heard.length === 2, "both");
      stopOne();
      await heardBy(caller, owner);
      owner.publish(seatsSubject(FLIGHT_ID), delta(FLIGHT_ID, 2));
      await until(() => heard.length === 3, "the other");
      expect(heard.slice(0, 2)).toContain("one");
      expect(heard.filter((each) => each === "two")).toHaveLength(2);
      stopTwo();
    });

    test("trouble() is null while messages go out", () => {
      expect(caller.trouble()).toBeNull();
      expect(owner.trouble()).toBeNull();
    });
  });
}

/** Resolves when what `publisher` publishes now is heard by `hearer`: then so was everything before. */
async function heardBy(hearer: Bus, publisher: Bus): Promise<void> {
  const flightId = `PROBE-${crypto.randomUUID()}`;
  let isHeard = false;
  const unsubscribe = hearer.subscribe(seatsSubject(flightId), () => {
    isHeard = true;
  });
  await until(() => {
    publisher.publish(seatsSubject(flightId), delta(flightId, 0));
    return isHeard;
  }, "a probe");
  unsubscribe();
}

function delta(flightId: FlightId, from: number): SeatDelta {
  return { flightId, from, to: from + 1, changes: [{ seat: "1A", state: "held" }] };
}

interface Failure {
  readonly code: OperationalCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
}

function failureIn(answer: Answer): Failure | null {
  if (answer.ok) return null;
  const { code, message, retryable, retryAfterMs } = answer.error;
  return { code, message, retryable, retryAfterMs };
}

function holdCommand(key: string): Command<"hold"> {
  return givenCommand("hold", { passengers: givenAdults(1) }, { key, deadlineMs: DEADLINE_MS });
}

/** One command for each op that the caller of the test may ask for, with all that it can have. */
function everyCommand(): Command[] {
  const asMember = { member: "m1", key: "key!~1", fingerprint: "what it stands for", deadlineMs: DEADLINE_MS };
  const asSystem = { member: null, key: "pay:a1:CAPTURED", fingerprint: "CAPTURED 1 KRW", deadlineMs: DEADLINE_MS };
  const reading = { key: null, fingerprint: "", deadlineMs: DEADLINE_MS };
  const passengers = [
    { name: "김민지", type: "ADT", seat: "1A", birthDate: "1990-02-28", person: "p_-1" },
    { name: "Lee 𝒥unho", type: "CHD", seat: "1B" },
    { name: "Kim Ara", type: "INF" },
  ] as const;
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return [
    { ...givenCommand("hold", { passengers, prefer: { cabin: "Y", together: true } }, asMember), trace },
    givenCommand("release", { reservationId: "r1" }, { ...asMember, key: null, fingerprint: "" }),
    { ...givenCommand("cancel", { reservationId: "r1" }, asMember), replayOnly: true },
    givenCommand("begin-payment", { reservationId: "r1" }, asMember),
    givenCommand("open-payment", { attempt: "a1", checkoutUrl: "http://pay.example/a1?x=1" }, asSystem),
    givenCommand(
      "settle-payment",
      { attempt: "a1", status: "CAPTURED", amount: { amount: 1, currency: "KRW" }, ours: true },
      asSystem,
    ),
    givenCommand("settle-refund", { attempt: "a1" }, asSystem),
    givenCommand("seat-map", {}, { ...reading, member: null }),
    givenCommand("reservation", { reservationId: "r1" }, { ...reading, member: "m1" }),
  ];
}
