/** Owns the mail that follows from a flight's journal: for each entry its letters, in order, each under a Message-ID that a repeat shares. */

import { present } from "../../actors/assert.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { TailEntry } from "../../actors/journal.ts";
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

/** Tries of a mail that is not taken although others are. Then it is logged, counted and given up, so that those behind it are not held up for ever. */
export const TRIES_MAX: Readonly<Record<Exclude<MailOutcome, "taken">, number>> = { refused: 3, deferred: 20 };

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
  sent: number;
  /** Of the letter after those. */
  tries: number;
}

export class Postman {
  readonly #mailer: Mailer;
  readonly #directory: MailDirectory;
  readonly #domain: string;
  readonly #log: Log;
  readonly #mails: Counter;
  /** Of entries that are being worked on: at most one a flight. */
  readonly #progress = new Map<FlightId, Progress>();

  constructor({ mailer, directory, domain, telemetry }: PostmanOptions) {
    this.#mailer = mailer;
    this.#directory = directory;
    this.#domain = domain;
    this.#log = telemetry.log;
    this.#mails = telemetry.counter("pigonair_mails_total", "Mails, by what became of them.", ["kind", "outcome"]);
  }

  /**
   * Sends the letters that the entry causes; to be called again for the same entry until it resolves.
   * @throws OperationalError UNAVAILABLE when a letter could not be handed over yet
   */
  async deliver(flightId: FlightId, { version, entry }: TailEntry): Promise<void> {
    const letters = lettersOf(entry);
    const known = this.#progress.get(flightId);
    const progress = known?.version === version ? known : { version, sent: 0, tries: 0 };
    this.#progress.set(flightId, progress);
    for (const due of letters.slice(progress.sent)) {
      await this.#send(`<${flightId}.${version}.${due.ordinal}.${due.kind}@${this.#domain}>`, due, progress);
      progress.sent += 1;
      progress.tries = 0;
    }
    this.#progress.delete(flightId);
  }

  async #send(messageId: string, due: DueLetter, progress: Progress): Promise<void> {
    const mail = await this.#compose(messageId, due);
    const outcome = mail === null ? "nobody" : await this.#mailer.send(mail);
    if (outcome === "refused" || outcome === "deferred") {
      progress.tries += 1;
      if (progress.tries < TRIES_MAX[outcome]) {
        throw new OperationalError("UNAVAILABLE", `mail ${messageId} was ${outcome}, try ${progress.tries}`);
      }
      this.#log.error({ messageId, outcome, tries: progress.tries }, "a mail is given up");
    }
    this.#mails.add(1, { kind: due.kind, outcome });
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
