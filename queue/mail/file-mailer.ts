/** Owns mail that goes nowhere but into a folder: one `.eml` file each, complete or not there at all. */

import { mkdirSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Mail, Mailer, MailOutcome } from "./mailer.ts";
import { messageOf } from "./message.ts";

/** A Message-ID of ours is safe as a file's name; its domain may be an address: `[::1]`. */
const MESSAGE_ID = /^<([A-Za-z0-9][A-Za-z0-9.-]*@(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]))>$/;

export interface FileMailerOptions {
  /** Made when missing. */
  readonly folder: string;
  /** `Name <address>` */
  readonly from: string;
  readonly clock: Clock;
}

/** The file is named by the Message-ID: a repeat takes the place of the same mail. */
export function fileMailer({ folder, from, clock }: FileMailerOptions): Mailer {
  mkdirSync(folder, { recursive: true });
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return {
    async send(mail: Mail): Promise<MailOutcome> {
      const [, name] = MESSAGE_ID.exec(mail.messageId) ?? [];
      assert(name !== undefined, `${mail.messageId} is a Message-ID of ours`);
      const { message } = await transport.sendMail(messageOf(mail, from, clock));
      assert(Buffer.isBuffer(message), "the message was asked for as a buffer");
      try {
        await writeDurably(folder, `${name}.eml`, message);
      } catch (cause) {
        throw new OperationalError("UNAVAILABLE", "The mail folder can't be written.", { cause });
      }
      return "taken";
    },
    close: () => transport.close(),
  };
}

/** Written beside its place and then renamed: whoever looks finds it whole, also after a power failure. */
async function writeDurably(folder: string, name: string, content: Buffer): Promise<void> {
  const unfinished = join(folder, `.${name}.unfinished`);
  const file = await open(unfinished, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, join(folder, name));
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
