// Goal: what happens to a reservation reaches its member as mail, over a crash between commit and mail and between mail and cursor;
// names are those of the moment of sending.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_JOURNALS } from "../../actors/bus/subjects.ts";
import type { PaymentView, ReservationView } from "../../actors/domain/reply.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { MailDirectoryStore } from "../../db/stores/mail-directory.ts";
import { fileMailer } from "../../queue/mail/file-mailer.ts";
import { LETTER_EVENTS } from "../../queue/mail/letters.ts";
import type { Mailer } from "../../queue/mail/mailer.ts";
import { Postman } from "../../queue/mail/postman.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";
import { Relay } from "../../queue/relay/relay.ts";
import { entropy, GivenPayments } from "../support/given-payments.ts";
import { type ReadMessage, readMessage } from "../support/read-message.ts";
import { until } from "../support/until.ts";

let given: GivenPayments;
let folder: string;
let relays: Relay[];

beforeEach(async () => {
  given = await GivenPayments.open();
  folder = mkdtempSync(join(tmpdir(), "mail-"));
  relays = [];
  await given.database.write
    .insertInto("member")
    .values({
      id: "m1",
      email: "kim@example.com",
      name: "Kim Minji",
      password_hash: "",
      phone: null,
      role: "member",
      created_at_ms: 0,
    })
    .execute();
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await given.close();
  rmSync(folder, { recursive: true });
});

interface Sent extends ReadMessage {
  readonly file: string;
}

const sent: Sent[] = [];

/** Starts what sends mail; everything that it hands over is noted in `sent`, as often as it does. */
function startMail(tail: JournalTail = new JournalTailStore(given.database)): Relay {
  sent.length = 0;
  const { clock, telemetry } = given;
  const files = fileMailer({ folder, from: "PigonAir <mail@pigonair.example>", clock });
  const mailer: Mailer = {
    send: async (mail) => {
      const outcome = await files.send(mail);
      const file = `${mail.messageId.slice(1, -1)}.eml`;
      sent.push({ file, ...readMessage(readFileSync(join(folder, file), "utf8")) });
      return outcome;
    },
    close: () => files.close(),
  };
  const directory = new MailDirectoryStore(given.database);
  const postman = new Postman({ mailer, directory, domain: "pigonair.example", telemetry });
  const relay = new Relay({
    consumer: "mail",
    interests: LETTER_EVENTS,
    handle: (flightId, entry) => postman.deliver(flightId, entry),
    tail,
    clock,
    entropy,
    telemetry,
  });
  given.bus.subscribe(ALL_JOURNALS, (hint) => relay.hear(hint));
  relays.push(relay);
  relay.start();
  return relay;
}

async function ticketed(): Promise<{ reservation: ReservationView; payment: PaymentView }> {
  const reservation = await given.hold(["1A", "1B"]);
  const payment = await given.pay(reservation);
  await given.checkout(payment, { outcome: "approve", webhook: "none" });
  await given.hint(payment.id);
  return { reservation: await given.reservation(reservation.id), payment };
}

/** Time goes on meanwhile, since hints at the journal are gathered for a moment. */
function comesTo(condition: () => boolean, what: string): Promise<void> {
  return until(() => {
    given.clock.advance(10);
    return condition();
  }, what);
}

const mails = (count: number) => comesTo(() => sent.length >= count, `${count} mails`);

test("a ticket is mailed to the member once it is committed, with what stands on it", async () => {
  startMail();
  const { reservation } = await ticketed();
  await mails(1);
  const [mail] = sent;
  expect(mail?.headers.get("to")).toBe("Kim Minji <kim@example.com>");
  for (const { seat, ticket } of reservation.passengers) expect(mail?.text).toContain(`seat ${seat}, ticket ${ticket}`);
  for (const part of [reservation.pnr, "1. Adult 1 (adult)", "2. Adult 2 (adult)", "KRW 180,000", "PG 101"]) {
    expect(mail?.text).toContain(part);
  }
});

test("a cancellation and the refund after it are mailed each", async () => {
  const { reservation } = await ticketed();
  startMail();
  await mails(1);
  await given.cancel(reservation);
  await given.settleDue();
  await mails(3);
  expect(sent.map(({ file }) => file.split(".").at(3)?.split("@")[0])).toEqual(["ticket", "cancellation", "refunded"]);
  expect(sent[1]?.text).toContain("We are giving back your payment of KRW 180,000");
  expect(sent[2]?.text).toContain("We have given back your payment of KRW 180,000");
});

test("a payment that bought nothing is explained, with what was really paid", async () => {
  startMail();
  const reservation = await given.hold();
  const payment = await given.pay(reservation);
  await given.checkout(payment, { outcome: "approve", webhook: "none", amount: 1 });
  await given.hint(payment.id);
  await given.settleDue();
  await mails(2);
  expect(sent[0]?.text).toContain("KRW 1 ");
  expect(sent[0]?.text).toContain("KRW 90,000");
  expect(sent[1]?.text).toContain("We have given back your payment of KRW 1 ");
});

test("a crash between commit and mail loses none", async () => {
  const { reservation } = await ticketed();
  expect(readdirSync(folder)).toEqual([]);
  startMail();
  await mails(1);
  expect(sent[0]?.text).toContain(reservation.pnr);
});

test("a crash between mail and cursor repeats the mail under the same Message-ID, in the same file", async () => {
  const tail = new JournalTailStore(given.database);
  const dying: JournalTail = {
    sweep: (...args) => tail.sweep(...args),
    read: (...args) => tail.read(...args),
    advance: () => new Promise(() => {}),
  };
  startMail(dying);
  await ticketed();
  await mails(1);
  const [first] = sent;
  relays = [];

  startMail();
  await mails(1);
  expect(sent[0]?.headers.get("message-id")).toBe(first?.headers.get("message-id") ?? "");
  expect(readdirSync(folder)).toHaveLength(1);
});

test("whose names have been erased gets no names, and an erased member gets no mail", async () => {
  const { reservation } = await ticketed();
  await given.database.write.deleteFrom("passenger").where("reservation_id", "=", reservation.id).execute();
  startMail();
  await mails(1);
  expect(sent[0]?.text).toContain("1. Passenger 1 (adult)");
  expect(sent[0]?.text).not.toContain("Adult 1");
  await given.database.write.deleteFrom("member").execute();
  await given.cancel(reservation);
  const nobody = "pigonair_mails_total{kind=cancellation,outcome=nobody}";
  await comesTo(() => given.telemetry.count(nobody) === 1, "the cancellation is passed over");
  expect(sent).toHaveLength(1);
});
