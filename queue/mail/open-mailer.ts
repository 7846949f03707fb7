/** Owns the choice of how mails leave: through a mail server, or as files to look at. */

import { join } from "node:path";
import type { Clock } from "../../actors/clock.ts";
import { fileMailer } from "./file-mailer.ts";
import type { Mailer } from "./mailer.ts";
import { smtpMailer } from "./smtp-mailer.ts";

export interface MailSettings {
  readonly mailFrom: string;
  /** `smtp://user:password@host:587`; null for files in `mail/` of `dataDir`. */
  readonly smtpUrl: string | null;
  readonly dataDir: string;
}

export function openMailer({ mailFrom, smtpUrl, dataDir }: MailSettings, clock: Clock): Mailer {
  const mail = { from: mailFrom, clock };
  return smtpUrl === null
    ? fileMailer({ ...mail, folder: join(dataDir, "mail") })
    : smtpMailer({ ...mail, url: smtpUrl });
}
