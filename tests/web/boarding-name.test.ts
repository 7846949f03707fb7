/** Goal: a name in any script becomes the Latin letters that a gate's scanner and a passport have, in at most 20 of them. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sequenceOf } from "../../http/boarding-pass/bcbp.ts";
import { travelName } from "../../http/boarding-pass/travel-name.ts";

describe("travelName()", () => {
  const NAMES: readonly (readonly [name: string, written: string, why: string])[] = [
    ["김민지", "KIM/MINJI", "a customary family name, and the rest by the Revised Romanization"],
    ["한복남", "HAN/BOKNAM", "the notice's own example: no sound changes between syllables"],
    ["홍빛나", "HONG/BITNA", "the notice's other example"],
    ["독고영재", "DOKGO/YEONGJAE", "a family name of two syllables"],
    ["남궁 민", "NAMGUNG/MIN", "a space parts the names"],
    ["이 춘 향", "LEE/CHUNHYANG", "what follows the first word is the given name"],
    ["김민지".normalize("NFD"), "KIM/MINJI", "syllables that come in parts"],
    ["Kim Minji", "KIM/MINJI", "family name first"],
    ["SMITH/ALICE MAY", "SMITH/ALICEMAY", "a slash parts the names"],
    ["Smith, Alice", "SMITH/ALICE", "and so does a comma"],
    ["O'Neill-Byrne/Zoë", "ONEILLBYRNE/ZOE", "letters only"],
    ["Groß/Jürgen", "GROSS/JUERGEN", "as passports write umlauts"],
    ["Ångström/Øyvind", "AANGSTROEM/OEYVIND", "and Nordic letters"],
    ["Łukasiewicz/Jan", "LUKASIEWICZ/JAN", "other letters lose their marks"],
    ["Петров Иван", "PETROV/IVAN", "Cyrillic"],
    ["王小明", "WANG/XIAOMING", "Chinese characters"],
    ["Nguyễn Thị Hương", "NGUYEN/THIHUONG", "Vietnamese"],
    ["Wolfeschlegelsteinhausen/Hubert", "WOLFESCHLEGELSTEIN/H", "a long family name leaves an initial"],
    ["Lee Maximiliannepomukanton", "LEE/MAXIMILIANNEPOMU", "a long given name is cut"],
    ["Madonna", "MADONNA", "one name alone"],
    ["123 !?", "UNKNOWN", "nothing to be read aloud"],
  ];
  for (const [name, written, why] of NAMES) {
    test(`writes ${name} as ${written}: ${why}`, () => expect(travelName(name)).toBe(written));
  }

  test("makes of any text what the code has room and letters for", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }), (name) => {
        expect(travelName(name)).toMatch(/^(?=.{1,20}$)[A-Z]+(\/[A-Z]+)?$/);
      }),
    );
  });
});

test("sequenceOf() is another for every seat and every infant of the largest aircraft", () => {
  const numbers = new Set<string>();
  for (let row = 1; row <= 99; row++) {
    for (const column of "ABCDEFGHJKLMN") {
      numbers.add(sequenceOf(`${row}${column}`, false));
      numbers.add(sequenceOf(`${row}${column}`, true));
    }
  }
  expect(numbers.size).toBe(99 * 13 * 2);
  expect([...numbers].every((number) => /^\d{4}A?$/.test(number))).toBe(true);
});
