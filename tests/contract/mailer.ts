/** Owns what everybody who carries mail must keep to: run over each adapter of the port. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Mail, Mailer } from "../../queue/mail/mailer.ts";
import { type ReadMessage, readMessage } from "../support/read-message.ts";

export interface MailerUnderTest {
  /** Writes as `PigonAir <mail@pigonair.example>`, at 2030-01-01T00:00:00Z. */
  readonly mailer: Mailer;
  /** What has been taken so far, as RFC 5322 messages. */
  taken(): Promise<string[]>;
  close(): Promise<void>;
}

const MAIL: Mail = {
  to: { address: "kim@example.com", name: "Kim Minji" },
  subject: "Your tickets",
  text: "Hello Kim,\n\nall is well.\n",
  messageId: "<PG-101.7.2.ticket@pigonair.example>",
};

export function mailerContract(name: string, open: () => Promise<MailerUnderTest>): void {
  describe(`mailer ${name}`, () => {
    let under: MailerUnderTest;

    beforeEach(async () => {
      under = await open();
    });
    afterEach(async () => {
      under.mailer.close();
      await under.close();
    });

    async function carried(mail: Mail): Promise<ReadMessage> {
      expect(await under.mailer.send(mail)).toBe("taken");
      const messages = await under.taken();
      expect(messages).toHaveLength(1);
      return readMessage(messages[0] ?? "");
    }

    test("takes a mail as it is, with our sender, its own Message-ID, and a mark that no machine answers it", async () => {
      const { headers, text } = await carried(MAIL);
      expect(headers.get("from")).toBe("PigonAir <mail@pigonair.example>");
      expect(headers.get("to")).toBe("Kim Minji <kim@example.com>");
      expect(headers.get("subject")).toBe(MAIL.subject);
      expect(headers.get("message-id")).toBe(MAIL.messageId);
      expect(headers.get("date")).toBe("Tue, 01 Jan 2030 00:00:00 +0000");
      expect(headers.get("auto-submitted")).toBe("auto-generated");
      expect(text.trimEnd()).toBe(MAIL.text.trimEnd());
    });

    test("carries every script, long lines, and lines that begin with a dot", async () => {
      const lines = ["김민지 님, 안녕하세요 – ✈", ".", "..hidden", "x".repeat(2_000), "end"];
      const { headers, text } = await carried({ ...MAIL, subject: "항공권 – ICN", text: lines.join("\n") });
      expect(headers.get("subject")).toMatch(/=\?UTF-8\?/i);
      expect(text.trimEnd()).toBe(lines.join("\n"));
    });

    test("writes to the address alone when nobody is named", async () => {
      const { headers } = await carried({ ...MAIL, to: { address: "kim@example.com", name: null } });
      expect(headers.get("to")).toBe("kim@example.com");
    });

    test("lets no name or subject add a header", async () => {
      const forged = "Kim\r\nBcc: everybody@example.com";
      const { headers } = await carried({ ...MAIL, subject: forged, to: { address: "kim@example.com", name: forged } });
      expect(headers.has("bcc")).toBe(false);
    });
  });
}
