/** Owns the way of a mail to an SMTP server: pooled connections, each step bounded in time. */

import { createTransport } from "nodemailer";
import type { Clock } from "../../actors/clock.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { messageOf } from "./message.ts";

const CONNECTIONS_MAX = 5;
const CONNECT_MS_MAX = 10_000;
const SILENCE_MS_MAX = 30_000;

/** Steps at which a server answers about this mail; at any other it speaks of us, or of itself. `API` is a recipient that no server is asked about. */
const ABOUT_THE_MAIL = new Set(["RCPT TO", "DATA", "API"]);

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. */
  readonly url: string;
  /** `Name <address>` */
  readonly from: string;
  readonly clock: Clock;
}

export function smtpMailer({ url, from, clock }: SmtpMailerOptions): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    // What is tried again is decided in one place, by whoever sends.
    maxRequeues: 0,
    dnsTimeout: CONNECT_MS_MAX,
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail: Mail): Promise<MailOutcome> {
      try {
        await transport.sendMail(messageOf(mail, from, clock));
        return "taken";
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome !== null) return outcome;
        throw new OperationalError("UNAVAILABLE", "The mail server takes no mail now.", { cause: error });
      }
    },
    close: () => transport.close(),
  };
}

/** What the server said of this mail alone; null when it said nothing of it. Its words are not passed on: they may name the recipient. */
function outcomeOf(error: unknown): Exclude<MailOutcome, "taken"> | null {
  const { code, command, permanent } = error as { code?: string; command?: string; permanent?: boolean };
  if ((code !== "EENVELOPE" && code !== "EMESSAGE") || !ABOUT_THE_MAIL.has(command ?? "")) return null;
  return (permanent ?? command === "API") ? "refused" : "deferred";
}
