// Goal: each letter of an entry is sent once, in order, under a Message-ID that a repeat shares; one that is never taken is given
// up after a bounded number of tries, and one that could still be taken is not.

import { beforeEach, describe, expect, test } from "bun:test";
import type { FlightEvent } from "../../actors/domain/event.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { TailEntry } from "../../actors/journal.ts";
import type { MailDirectory, MailReservation } from "../../queue/mail/mail-directory.ts";
import type { Mail, Mailer, MailOutcome } from "../../queue/mail/mailer.ts";
import { Postman, TRIES_MAX } from "../../queue/mail/postman.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";
import { type Consumer, Relay } from "../../queue/relay/relay.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { entropy } from "../support/given-payments.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";

const FLIGHT = "PG-101-20300131-ICN";

/** Takes everything, or says of a mail what the test wants. */
class Letterbox implements Mailer {
  readonly mails: Mail[] = [];
  outcome: (mail: Mail) => MailOutcome = () => "taken";

  send(mail: Mail): Promise<MailOutcome> {
    this.mails.push(mail);
    try {
      return Promise.resolve(this.outcome(mail));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  close(): void {}

  get ids(): string[] {
    return this.mails.map(({ messageId }) => messageId);
  }
}

let box: Letterbox;
let telemetry: RecordingTelemetry;
let member: MailReservation["member"];
/** The reservations of somebody else. */
let lees: Set<string>;
let postman: Postman;

const directory: MailDirectory = {
  reservation: (id) =>
    Promise.resolve({
      pnr: id,
      member: lees.has(id) ? { address: "lee@example.com", name: "Lee" } : member,
      flight: {
        airline: "PG",
        number: "101",
        origin: "ICN",
        destination: "CJU",
        departsLocal: "2030-01-31T09:30:00+09:00",
        arrivesLocal: "2030-01-31T10:30:00+09:00",
      },
      passengers: [{ name: "Kim", type: "ADT", seat: "1A" }],
      total: { amount: 90_000, currency: "KRW" },
    }),
  payment: (attempt) =>
    Promise.resolve({
      reservationId: `of-${attempt}`,
      amount: { amount: 90_000, currency: "KRW" },
      captured: { amount: 1, currency: "KRW" },
    }),
};

beforeEach(() => {
  box = new Letterbox();
  telemetry = new RecordingTelemetry();
  member = { address: "kim@example.com", name: "Kim" };
  lees = new Set();
  postman = new Postman({ mailer: box, directory, domain: "pigonair.example", telemetry });
});

const ticketed = (id: string): FlightEvent => ({ type: "ticketed", id, attempt: "a1", tickets: ["1800000000001"] });

function entry(version: number, ...events: FlightEvent[]): TailEntry {
  return { version, entry: { schema: 1, turns: [{ atMs: 0, events, key: null }] } };
}

const messageId = (version: number, ordinal: number, kind: string): string =>
  `<${FLIGHT}.${version}.${ordinal}.${kind}@pigonair.example>`;

test("deliver() sends each letter of the entry in order, to the member, under its own Message-ID", async () => {
  await postman.deliver(
    FLIGHT,
    entry(7, ticketed("r1"), { type: "cancelled", id: "r2" }, { type: "refunded", attempt: "a3" }),
  );
  expect(box.ids).toEqual([messageId(7, 0, "ticket"), messageId(7, 1, "cancellation"), messageId(7, 2, "refunded")]);
  expect(box.mails[0]).toMatchObject({ to: { address: "kim@example.com", name: "Kim" } });
  expect(box.mails.map(({ subject }) => subject)).toEqual([
    "Your tickets for PG 101 ICN-CJU on Thu 31 Jan 2030 (r1)",
    "Your reservation r2 is cancelled",
    "We have given back KRW 1 (of-a3)",
  ]);
  expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=taken}")).toBe(1);
});

test("deliver() of the same entry by another process sends the same Message-IDs", async () => {
  await postman.deliver(FLIGHT, entry(7, ticketed("r1")));
  const other = new Postman({ mailer: box, directory, domain: "pigonair.example", telemetry });
  await other.deliver(FLIGHT, entry(7, ticketed("r1")));
  expect(box.ids).toEqual([messageId(7, 0, "ticket"), messageId(7, 0, "ticket")]);
});

test("deliver() writes to nobody when the member has been erased", async () => {
  member = null;
  await postman.deliver(FLIGHT, entry(1, ticketed("r1")));
  expect(box.mails).toEqual([]);
  expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=nobody}")).toBe(1);
});

describe("a mail that is not taken", () => {
  const two = entry(3, ticketed("r1"), ticketed("r2"), ticketed("r3"));
  const [one, second, third] = [messageId(3, 0, "ticket"), messageId(3, 1, "ticket"), messageId(3, 2, "ticket")];

  test("because no mail is taken now is tried until it is, however often, and those before it are not repeated", async () => {
    let failures = 0;
    box.outcome = (mail) => {
      if (mail.messageId === second && failures < 100) {
        failures += 1;
        throw new OperationalError("UNAVAILABLE", "down");
      }
      return "taken";
    };
    for (let tries = 0; tries < 100; tries++) {
      expect(await failureOf(postman.deliver(FLIGHT, two))).toMatchObject({ code: "UNAVAILABLE" });
    }
    await postman.deliver(FLIGHT, two);
    expect(box.ids.filter((id) => id === one)).toHaveLength(1);
    expect(box.ids.filter((id) => id === third)).toHaveLength(1);
    expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=taken}")).toBe(3);
  });

  for (const outcome of ["refused", "deferred"] as const) {
    test(`because it is ${outcome} is given up after ${TRIES_MAX[outcome]} tries, logged and counted, and the next ones go`, async () => {
      box.outcome = (mail) => (mail.messageId === second ? outcome : "taken");
      for (let tries = 1; tries < TRIES_MAX[outcome]; tries++) {
        expect(await failureOf(postman.deliver(FLIGHT, two))).toMatchObject({ code: "UNAVAILABLE", retryable: true });
      }
      await postman.deliver(FLIGHT, two);
      expect(box.ids.filter((id) => id === one)).toHaveLength(1);
      expect(box.ids.filter((id) => id === second)).toHaveLength(TRIES_MAX[outcome]);
      expect(box.ids.filter((id) => id === third)).toHaveLength(1);
      expect(telemetry.count(`pigonair_mails_total{kind=ticket,outcome=${outcome}}`)).toBe(1);
      expect(telemetry.messages).toEqual(["a mail is given up"]);
      expect(telemetry.lines.join()).not.toContain("kim@");
    });
  }

  test("and then is, is not counted against the next one", async () => {
    let refusals = 0;
    box.outcome = () => (refusals++ % TRIES_MAX.refused < TRIES_MAX.refused - 1 ? "refused" : "taken");
    for (let tries = 0; tries < 3 * (TRIES_MAX.refused - 1); tries++) await failureOf(postman.deliver(FLIGHT, two));
    await postman.deliver(FLIGHT, two);
    expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=taken}")).toBe(3);
  });

  test("holds up the later ones to the same member, and nobody else's of the entry", async () => {
    lees.add("r2");
    box.outcome = ({ to }) => (to.address === "kim@example.com" ? "deferred" : "taken");
    for (let tries = 1; tries <= 2; tries++) {
      expect(await failureOf(postman.deliver(FLIGHT, two))).toMatchObject({
        message: expect.stringContaining(`try ${tries}`),
      });
      expect(box.ids).toEqual(tries === 1 ? [one, second] : [one, second, one]);
    }
    box.outcome = () => "taken";
    await postman.deliver(FLIGHT, two);
    expect(box.ids).toEqual([one, second, one, one, third]);
  });

  describe("because its mailbox, which let a mail be given up, defers again", () => {
    beforeEach(async () => {
      box.outcome = () => "deferred";
      for (let tries = 1; tries < TRIES_MAX.deferred; tries++)
        await failureOf(postman.deliver(FLIGHT, entry(1, ticketed("r1"))));
      await postman.deliver(FLIGHT, entry(1, ticketed("r1")));
    });

    test("is given up at once", async () => {
      await postman.deliver(FLIGHT, entry(2, ticketed("r2")));
      expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=deferred}")).toBe(2);
      expect(box.mails).toHaveLength(TRIES_MAX.deferred + 1);
    });

    test("is tried again when the mailbox has taken another since", async () => {
      box.outcome = () => "taken";
      await postman.deliver(FLIGHT, entry(2, ticketed("r2")));
      box.outcome = () => "deferred";
      const failure = await failureOf(postman.deliver(FLIGHT, entry(3, ticketed("r3"))));
      expect(failure).toMatchObject({ code: "UNAVAILABLE" });
    });

    test("is tried again when it came about an hour later", async () => {
      const { version, entry: later } = entry(2, ticketed("r2"));
      const turns = later.turns.map((turn) => ({ ...turn, atMs: 3_600_000 }));
      const failure = await failureOf(postman.deliver(FLIGHT, { version, entry: { ...later, turns } }));
      expect(failure).toMatchObject({ code: "UNAVAILABLE" });
    });
  });

  test("because its mailbox defers holds up the others of its flight for ten minutes at most, however many it is to get", async () => {
    const clock = new FakeClock();
    lees.add("r4");
    box.outcome = ({ to }) => (to.address === "kim@example.com" ? "deferred" : "taken");
    const entries = ["r1", "r2", "r3", "r4"].map((id, at) => entry(at + 1, ticketed(id)));
    let cursor = 0;
    const tail: JournalTail = {
      sweep: async () => ({ behind: cursor < entries.length ? [FLIGHT] : [], passed: [], next: null }),
      read: async () =>
        new Map([
          [
            FLIGHT,
            { entries: () => entries.slice(cursor), upTo: cursor < entries.length ? entries.length : 0, isEnd: true },
          ],
        ]),
      advance: async (_, moves) => {
        for (const { version } of moves) cursor = version;
      },
    };
    const handle: Consumer["handle"] = (flightId, each) => postman.deliver(flightId, each);
    const relay = new Relay({ consumer: "mail", interests: ["ticketed"], handle, tail, clock, entropy, telemetry });
    relay.start();
    for (let ms = 0; ms < 600_000; ms += 1_000) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    await relay.stop();
    expect(box.ids.at(-1)).toBe(messageId(4, 0, "ticket"));
    expect(cursor).toBe(entries.length);
  });

  test("in one flight changes nothing for another", async () => {
    box.outcome = (mail) => (mail.messageId.includes(FLIGHT) ? "refused" : "taken");
    await failureOf(postman.deliver(FLIGHT, two));
    await postman.deliver("PG-102-20300131-ICN", two);
    expect(telemetry.count("pigonair_mails_total{kind=ticket,outcome=taken}")).toBe(3);
  });
});
