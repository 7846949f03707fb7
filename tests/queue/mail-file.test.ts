// Goal: mail without a server ends as one complete file each, and a repeat takes the place of the same mail.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileMailer } from "../../queue/mail/file-mailer.ts";
import type { Mail, Mailer } from "../../queue/mail/mailer.ts";
import { mailerContract } from "../contract/mailer.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";

const FROM = "PigonAir <mail@pigonair.example>";

function filesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
}

mailerContract("into files", () => {
  const folder = mkdtempSync(join(tmpdir(), "mail-"));
  return Promise.resolve({
    mailer: fileMailer({ folder, from: FROM, clock: new FakeClock() }),
    taken: () => Promise.resolve(filesIn(folder)),
    close: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
});

describe("a mail in a file", () => {
  let folder: string;
  let mailer: Mailer;
  const mail: Mail = {
    to: { address: "kim@example.com", name: "Kim" },
    subject: "Your tickets",
    text: "first\n",
    messageId: "<PG-101-20300131-ICN.7.2.ticket@pigonair.example>",
  };
  const name = "PG-101-20300131-ICN.7.2.ticket@pigonair.example.eml";

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "mail-")), "made", "when", "missing");
    mailer = fileMailer({ folder, from: FROM, clock: new FakeClock() });
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  test("is named by its Message-ID, and a repeat takes its place", async () => {
    await mailer.send(mail);
    await mailer.send({ ...mail, text: "second\n" });
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(join(folder, name), "utf8")).toEndWith("second\r\n");
  });

  test("takes the place of what a crash left unfinished", async () => {
    writeFileSync(join(folder, `.${name}.unfinished`), "half of a ma");
    await mailer.send(mail);
    expect(readdirSync(folder)).toEqual([name]);
  });

  test("of another Message-ID is another file", async () => {
    await mailer.send(mail);
    await mailer.send({ ...mail, messageId: "<PG-101-20300131-ICN.8.0.refunded@pigonair.example>" });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test("can't be named out of its folder", async () => {
    const failure = await failureOf(mailer.send({ ...mail, messageId: "<../../x@pigonair.example>" }));
    expect(failure).toMatchObject({ name: "AssertionFailure" });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is not taken when it can't be written", async () => {
    rmSync(folder, { recursive: true });
    const failure = await failureOf(mailer.send(mail));
    expect(failure).toMatchObject({ name: "OperationalError", code: "UNAVAILABLE", retryable: true });
    mailer = fileMailer({ folder, from: FROM, clock: new FakeClock() });
  });
});
