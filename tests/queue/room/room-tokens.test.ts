// Goal: a ticket or a pass is ours byte for byte, or it is none: nothing forged, altered, foreign or of the other kind is read.

import { describe, expect, test } from "bun:test";
import { type RoomClaims, RoomTokens } from "../../../queue/room/room-tokens.ts";

const KEY = new Uint8Array(32).fill(1);
const NOW_MS = Date.UTC(2030, 0, 1) + 123;

const claims: RoomClaims = {
  room: "PG-101-2030-01-31-ICN",
  epoch: 3,
  seq: 4_711,
  member: "01a206f5-26a9-77b9-9097-3d13f66e0e06",
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 600_000,
};

const tokens = new RoomTokens(KEY);

describe.each([
  ["a ticket", () => tokens.ticket(claims), (text: string) => tokens.readTicket(text)],
  ["a pass", () => tokens.pass(claims), (text: string) => tokens.readPass(text)],
] as const)("%s", (_, write, read) => {
  test("says what it was made of, and the same is written the same", () => {
    expect(read(write())).toEqual(claims);
    expect(write()).toBe(write());
    expect(write()).toMatch(/^[A-Za-z0-9_.-]+$/);
  });

  test("is none with any single byte changed, left out or added", () => {
    const text = write();
    for (let at = 0; at < text.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const letter = String.fromCharCode(byte);
        if (letter !== text[at]) expect(read(text.slice(0, at) + letter + text.slice(at + 1))).toBeNull();
      }
      expect(read(text.slice(0, at) + text.slice(at + 1))).toBeNull();
      expect(read(`${text.slice(0, at)}A${text.slice(at)}`)).toBeNull();
    }
  });

  test("is none without its end, its beginning or anything at all", () => {
    const text = write();
    const [payload = "", signature = ""] = text.split(".");
    const wrong = [
      "",
      ".",
      payload,
      `${payload}.`,
      `.${signature}`,
      signature,
      `${text}.`,
      `${text} `,
      `${payload}..${signature}`,
    ];
    for (const each of [...wrong, "x".repeat(10_000), "é".repeat(100), `${payload}.${"é".repeat(43)}`, "\u0000"]) {
      expect(read(each)).toBeNull();
    }
  });

  test("of another key is none", () => {
    const foreign = new RoomTokens(new Uint8Array(32).fill(2));
    expect(read(foreign.ticket(claims))).toBeNull();
    expect(read(foreign.pass(claims))).toBeNull();
  });
});

test("a ticket is no pass, and a pass no ticket", () => {
  expect(tokens.readPass(tokens.ticket(claims))).toBeNull();
  expect(tokens.readTicket(tokens.pass(claims))).toBeNull();
});
