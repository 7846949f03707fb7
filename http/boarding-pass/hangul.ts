/**
 * Owns Hangul in Latin letters: the Revised Romanization of Korean (Ministry of Culture and Tourism, notice 2000-8), as its section 3 wants
 * it of names: syllable by syllable, since sounds that change where syllables of a name meet are not written.
 */

const FIRST_SYLLABLE = 0xac00;
const SYLLABLES = 11_172;
const VOWELS = 21;
const FINALS = 28;

const INITIAL = ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];

const VOWEL = [..."a ae ya yae eo e yeo ye".split(" "), ..."o wa wae oe yo u wo we wi yu eu ui i".split(" ")];

/** As each is spoken at a syllable's end. */
const FINAL = ["", ..."k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")];

/** A syllable that is written out (U+AC00 to U+D7A3); null for anything else. */
export function romanized(syllable: string): string | null {
  const index = syllable.charCodeAt(0) - FIRST_SYLLABLE;
  if (!(index >= 0 && index < SYLLABLES)) return null;
  const initial = INITIAL[Math.floor(index / (VOWELS * FINALS))] ?? "";
  const vowel = VOWEL[Math.floor(index / FINALS) % VOWELS] ?? "";
  return initial + vowel + (FINAL[index % FINALS] ?? "");
}

/** Family names that most of their bearers write in another way, and have so in their passports. The notice leaves them free to. */
const FAMILY_NAMES: ReadonlyMap<string, string> = new Map([
  ["강", "KANG"],
  ["고", "KO"],
  ["구", "KOO"],
  ["권", "KWON"],
  ["곽", "KWAK"],
  ["김", "KIM"],
  ["노", "NOH"],
  ["류", "RYU"],
  ["문", "MOON"],
  ["박", "PARK"],
  ["신", "SHIN"],
  ["심", "SHIM"],
  ["안", "AHN"],
  ["오", "OH"],
  ["우", "WOO"],
  ["유", "YOO"],
  ["윤", "YOON"],
  ["이", "LEE"],
  ["임", "LIM"],
  ["정", "JUNG"],
  ["조", "CHO"],
  ["최", "CHOI"],
]);

/** Those of two syllables, by the census of Statistics Korea. */
const LONG_FAMILY_NAMES: ReadonlySet<string> = new Set(
  "남궁 황보 제갈 사공 선우 서문 독고 동방 망절 어금 장곡 소봉".split(" "),
);

/** How the bearers of a family name write it; null where that is as it is romanized. */
export function customaryFamilyName(hangul: string): string | null {
  return FAMILY_NAMES.get(hangul) ?? null;
}

/** How many characters of a name that is written without a space are the family's. */
export function familyNameLength(name: string): number {
  return LONG_FAMILY_NAMES.has(name.slice(0, 2)) && name.length > 2 ? 2 : 1;
}
