/** Owns the headers that every mail has, whoever carries it. */

import type { SendMailOptions } from "nodemailer";
import type { Clock } from "../../actors/clock.ts";
import type { Mail } from "./mailer.ts";

/** @param from `Name <address>` */
export function messageOf({ to, subject, text, messageId }: Mail, from: string, clock: Clock): SendMailOptions {
  return {
    from,
    to: { address: to.address, name: to.name ?? "" },
    subject,
    text,
    messageId,
    date: new Date(clock.nowMs()),
    // RFC 3834 §5: no vacation notice comes back to it.
    headers: { "Auto-Submitted": "auto-generated" },
  };
}
