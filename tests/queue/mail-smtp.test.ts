// Goal: what a mail server says of one mail is told apart from what it says of us or of itself: the first may give a mail up,
// the second never may.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Mail, Mailer } from "../../queue/mail/mailer.ts";
import { smtpMailer } from "../../queue/mail/smtp-mailer.ts";
import { mailerContract } from "../contract/mailer.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { SmtpServer, type SmtpStep } from "../support/smtp-server.ts";

const FROM = "PigonAir <mail@pigonair.example>";

mailerContract("over SMTP", async () => {
  const server = await SmtpServer.start();
  return {
    mailer: smtpMailer({ url: server.url, from: FROM, clock: new FakeClock() }),
    taken: () => Promise.resolve(server.taken),
    close: () => server.stop(),
  };
});

describe("an answer of the server", () => {
  let server: SmtpServer;
  let mailer: Mailer;
  const mail = (address = "kim@example.com"): Mail => ({
    to: { address, name: null },
    subject: "Your tickets",
    text: "Hello\n",
    messageId: "<PG-101.7.2.ticket@pigonair.example>",
  });

  beforeEach(async () => {
    server = await SmtpServer.start();
    mailer = smtpMailer({ url: server.url, from: FROM, clock: new FakeClock() });
  });
  afterEach(async () => {
    mailer.close();
    await server.stop();
  });

  function answering(step: SmtpStep, answer: string | null): void {
    server.answer = (asked) => (asked === step ? answer : server.usual(asked));
  }

  const outcomes: [string, SmtpStep, string, string][] = [
    ["an unknown recipient", "RCPT", "550 5.1.1 no such user", "refused"],
    ["a full mailbox", "RCPT", "452 4.2.2 mailbox full", "deferred"],
    ["a content that is not wanted", "CONTENT", "554 5.7.1 no", "refused"],
    ["a content that is not taken now", "CONTENT", "451 4.3.0 later", "deferred"],
  ];
  for (const [what, step, answer, outcome] of outcomes) {
    test(`about ${what} says that this mail is ${outcome}`, async () => {
      answering(step, answer);
      expect<string>(await mailer.send(mail())).toBe(outcome);
      expect(server.taken).toHaveLength(0);
    });
  }

  const unavailable: [string, SmtpStep, string | null][] = [
    ["that it takes none now", "GREETING", "421 4.3.2 later"],
    ["that it does not want us", "GREETING", "554 5.3.2 no"],
    ["that it does not want our sender", "MAIL", "550 5.7.1 who are you"],
    ["that we are to log in first", "MAIL", "530 5.7.0 log in"],
    ["that it has no room", "MAIL", "452 4.3.1 disk full"],
    ["nothing, and closes", "CONTENT", null],
    ["nothing, and closes at once", "GREETING", null],
  ];
  for (const [what, step, answer] of unavailable) {
    test(`${what} gives no mail up`, async () => {
      answering(step, answer);
      const failure = await failureOf(mailer.send(mail()));
      expect(failure).toMatchObject({ name: "OperationalError", code: "UNAVAILABLE", retryable: true });
    });
  }

  test("that never comes because nobody listens gives no mail up", async () => {
    await server.stop();
    const failure = await failureOf(mailer.send(mail()));
    expect(failure).toMatchObject({ code: "UNAVAILABLE", retryable: true });
    server = await SmtpServer.start();
  });

  test("is not needed to refuse a mail to nobody", async () => {
    expect(await mailer.send(mail(""))).toBe("refused");
  });

  test("to one mail is not that to the next one, on the same connection", async () => {
    server.answer = (step, line) => (line.includes("nobody@") ? "550 5.1.1 no such user" : server.usual(step));
    expect(await mailer.send(mail("nobody@example.com"))).toBe("refused");
    expect(await mailer.send(mail())).toBe("taken");
    expect(server.recipients).toEqual(["kim@example.com"]);
  });
});
