/**
 * Owns a passenger's name as machines read it: capital Latin letters, `FAMILY/GIVEN`, at most 20 characters (IATA Resolution 792, item 11).
 *
 * Names come as one text. A slash or a comma says where the family name ends (`SMITH/ALICE`, `Smith, Alice`); without one it is the first
 * word, as in Korea and in the machine-readable line of every passport; of a name in Hangul or Chinese characters without a space it is
 * the first character, or the first two of the few that are so long. Who wants the letters of the passport writes these.
 */

import anyAscii from "any-ascii";
import { customaryFamilyName, familyNameLength, romanized } from "./hangul.ts";

const TRAVEL_NAME_LENGTH = 20;

/** As much of a family name as leaves room for the slash and an initial. */
const FAMILY_LENGTH_MAX = TRAVEL_NAME_LENGTH - 2;

/** Letters that a passport's machine-readable line writes as two (ICAO Doc 9303 part 3, section 6 A), and not merely without their marks. */
const PASSPORT_LETTERS: Readonly<Record<string, string>> = { Ä: "AE", Å: "AA", Ö: "OE", Ø: "OE", Ü: "UE" };

const WITHOUT_SPACES = /^[\p{Script=Hangul}\p{Script=Han}]{2,}$/u;

/** For a name in which there is nothing to be read aloud. */
const NAMELESS = "UNKNOWN";

export function travelName(name: string): string {
  const { family, given } = parted(name.normalize("NFC").trim());
  const familyLatin = (customaryFamilyName(family) ?? latin(family)).slice(0, FAMILY_LENGTH_MAX);
  const givenLatin = latin(given);
  const parts = [familyLatin, givenLatin].filter((part) => part !== "");
  return parts.length === 0 ? NAMELESS : parts.join("/").slice(0, TRAVEL_NAME_LENGTH);
}

function parted(name: string): { readonly family: string; readonly given: string } {
  const marked = /^([^/,]*)[/,](.*)$/.exec(name);
  if (marked !== null) return { family: marked[1]?.trim() ?? "", given: marked[2]?.trim() ?? "" };
  if (WITHOUT_SPACES.test(name)) {
    const length = familyNameLength(name);
    return { family: name.slice(0, length), given: name.slice(length) };
  }
  const [family = "", ...given] = name.split(/\s+/);
  return { family, given: given.join(" ") };
}

/** Letters only: spaces, hyphens and apostrophes within a name are left out, as passports' and tickets' lines do. */
function latin(text: string): string {
  let letters = "";
  for (const character of text) {
    letters += PASSPORT_LETTERS[character.toUpperCase()] ?? romanized(character) ?? anyAscii(character);
  }
  return letters.toUpperCase().replace(/[^A-Z]/g, "");
}
