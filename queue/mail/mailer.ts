/** Owns the port to whoever carries mail. */

import type { TextForm } from "../../actors/settings.ts";

export interface Mail {
  readonly to: { readonly address: string /** null when nobody is to be named. */; readonly name: string | null };
  readonly subject: string;
  readonly text: string;
  /** `<unique@domain>`, RFC 5322 §3.6.4. A repeat of the same mail has the same one, so that it can be recognised. */
  readonly messageId: string;
}

/**
 * `taken`: durably in somebody else's hands. `refused`: this mail will never be taken as it is (SMTP 5xx).
 * `deferred`: this mail, but not every other, is not taken for now (SMTP 4xx).
 */
export type MailOutcome = "taken" | "refused" | "deferred";

export interface Mailer {
  /** @throws OperationalError UNAVAILABLE when no mail at all can be handed over now; this one may have been taken although its answer was lost */
  send(mail: Mail): Promise<MailOutcome>;

  /** Gives up its connections. */
  close(): void;
}

/** Whom mails are from. */
export const SENDER_FORM: TextForm = {
  form: /^(?:[^<>\p{Cc}]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/u,
  wanted: "an address, or a name and its address, as PigonAir <tickets@pigonair.example>",
};
