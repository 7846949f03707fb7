// Goal: a flight seats each person once, however their name is written, and the hash by which it knows them tells nobody who they are.

import { expect, test } from "bun:test";
import { personHash } from "../../http/reservations/person.ts";

const personOf = personHash(new Uint8Array(32).fill(1));
const KIM = personOf("Kim Minji", "1990-01-02");

test.each([
  "KIM MINJI",
  " kim  minji ",
  "Ｋｉｍ Minji",
  "K\u200bim Min\u00adji",
  "Kim\u2060 Minji\ufe0f",
  "\u3164Kim Minji",
])("%j is the same person", (name) => expect(personOf(name, "1990-01-02")).toBe(KIM));

test.each([
  ["Kim Minj", "1990-01-02"],
  ["Kim Minji", "1990-01-03"],
  ["KimMinji", "1990-01-02"],
])("%j, born on %s, is another", (name, birthDate) => expect(personOf(name, birthDate)).not.toBe(KIM));

test("nobody without the key can find it again", () => {
  expect(personHash(new Uint8Array(32).fill(2))("Kim Minji", "1990-01-02")).not.toBe(KIM);
});
