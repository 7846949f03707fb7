/** Owns the mail that follows from a flight's journal: for each entry its letters, in order, each under a Message-ID that a repeat shares. */

import { present } from "../../actors/assert.ts";
import type { JournalEntry } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { TailEntry } from "../../actors/journal.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";
import {
  cancellationLetter,
  type DueLetter,
  type Letter,
  lettersOf,
  refundedLetter,
  refundLetter,
  ticketLetter,
} from "./letters.ts";
import type { MailDirectory, MailPayment, MailReservation } from "./mail-directory.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";

/**
 * Tries of a mail that is not taken although others are. Then it is logged, counted and given up, so that those behind it are not held up for ever.
 * With the relay's rests ten tries take eight and a half minutes, and a server that lets strangers wait first usually asks for five.
 */
export const TRIES_MAX: Readonly<Record<Exclude<MailOutcome, "taken">, number>> = { refused: 3, deferred: 10 };

/** A mailbox that deferred all tries of a mail gets one try of each further mail that comes about within this, in milliseconds. */
const DEFERRING_MS = 3_600_000;

/** So many of them are remembered. */
const DEFERRING_MAX = 1_000;

export interface PostmanOptions {
  readonly mailer: Mailer;
  readonly directory: MailDirectory;
  /** The right side of every Message-ID: a domain that is ours. */
  readonly domain: string;
  readonly telemetry: Telemetry;
}

/** How far an entry has come that could not be finished. */
interface Progress {
  readonly version: number;
  /** When it was committed, in milliseconds since the epoch. */
  readonly atMs: number;
  /** The ordinals of the letters that are sent or given up. */
  readonly done: Set<number>;
  /** By ordinal, how often another one was not taken. */
  readonly tries: Map<number, number>;
}

export class Postman {
  readonly #mailer: Mailer;
  readonly #directory: MailDirectory;
  readonly #domain: string;
  readonly #log: Log;
  readonly #mails: Counter;
  /** Of entries that are being worked on: at most one a flight. */
  readonly #progress = new Map<FlightId, Progress>();
  /** By address, when the entry was committed of which a mail got all its tries in vain, if none was taken since. */
  readonly #deferring = new OldestFirst<string, number>();

  constructor({ mailer, directory, domain, telemetry }: PostmanOptions) {
    this.#mailer = mailer;
    this.#directory = directory;
    this.#domain = domain;
    this.#log = telemetry.log;
    this.#mails = telemetry.counter("pigonair_mails_total", "Mails, by what became of them.", ["kind", "outcome"]);
  }

  /**
   * Sends the letters that the entry causes; to be called again for the same entry until it resolves. Each member gets theirs in order, and
   * one that is not taken holds up only the later ones to the same member.
   * @throws OperationalError UNAVAILABLE when a letter could not be handed over yet
   */
  async deliver(flightId: FlightId, { version, entry }: TailEntry): Promise<void> {
    const known = this.#progress.get(flightId);
    const progress = known?.version === version ? known : begun(version, entry);
    this.#progress.set(flightId, progress);
    /** By address, why it waits. */
    const waiting = new Map<string, string>();
    for (const due of lettersOf(entry)) {
      if (progress.done.has(due.ordinal)) continue;
      const mail = await this.#compose(`<${flightId}.${version}.${due.ordinal}.${due.kind}@${this.#domain}>`, due);
      if (mail !== null && waiting.has(mail.to.address)) continue;
      const reason = await this.#send(mail, due, progress);
      if (mail === null || reason === null) progress.done.add(due.ordinal);
      else waiting.set(mail.to.address, reason);
    }
    for (const reason of waiting.values()) throw new OperationalError("UNAVAILABLE", reason);
    this.#progress.delete(flightId);
  }

  /** @returns null when it is done, or why it is to be tried again */
  async #send(mail: Mail | null, { kind, ordinal }: DueLetter, { tries, atMs }: Progress): Promise<string | null> {
    if (mail === null) {
      this.#mails.add(1, { kind, outcome: "nobody" });
      return null;
    }
    const { messageId, to } = mail;
    const outcome = await this.#mailer.send(mail);
    if (outcome === "taken") {
      this.#deferring.delete(to.address);
    } else {
      const tried = (tries.get(ordinal) ?? 0) + 1;
      tries.set(ordinal, tried);
      const isLast = tried >= TRIES_MAX[outcome];
      if (!isLast && !(outcome === "deferred" && this.#defersAnyway(to.address, atMs)))
        return `mail ${messageId} was ${outcome}, try ${tried}`;
      if (isLast && outcome === "deferred") this.#remember(to.address, atMs);
      this.#log.error({ messageId, outcome, tries: tried }, "a mail is given up");
    }
    this.#mails.add(1, { kind, outcome });
    return null;
  }

  #defersAnyway(address: string, atMs: number): boolean {
    const sinceMs = this.#deferring.get(address);
    return sinceMs !== undefined && atMs - sinceMs < DEFERRING_MS;
  }

  #remember(address: string, atMs: number): void {
    this.#deferring.set(address, atMs);
    this.#deferring.deleteOldest(() => this.#deferring.size > DEFERRING_MAX);
  }

  /** The mail, or null when there is nobody to write to any more. */
  async #compose(messageId: string, due: DueLetter): Promise<Mail | null> {
    const payment = await this.#paymentOf(due);
    const id = "reservation" in due ? due.reservation : present(payment, "the letter's payment").reservationId;
    const reservation = present(await this.#directory.reservation(id), `reservation ${id} of a letter`);
    if (reservation.member === null) return null;
    return { to: reservation.member, messageId, ...letterFor(due, reservation, payment) };
  }

  async #paymentOf(due: DueLetter): Promise<MailPayment | null> {
    const attempt = "attempt" in due ? due.attempt : due.kind === "cancellation" ? due.refund : null;
    return attempt === null ? null : present(await this.#directory.payment(attempt), `attempt ${attempt} of a letter`);
  }
}

function begun(version: number, { turns }: JournalEntry): Progress {
  return { version, atMs: turns[0]?.atMs ?? 0, done: new Set(), tries: new Map() };
}

function letterFor(due: DueLetter, reservation: MailReservation, payment: MailPayment | null): Letter {
  switch (due.kind) {
    case "ticket":
      return ticketLetter(reservation, due.tickets);
    case "cancellation":
      return cancellationLetter(reservation, payment?.captured ?? null);
    case "refund": {
      const { captured, amount } = present(payment, "the letter's payment");
      return refundLetter(reservation, due.reason, present(captured, "what was captured"), amount);
    }
    case "refunded":
      return refundedLetter(reservation, present(payment?.captured, "what was captured"));
  }
}
