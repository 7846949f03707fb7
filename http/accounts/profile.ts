/** Owns what members may call themselves: the forms of e-mail addresses, names and telephone numbers, as they are kept. */

export const EMAIL_LENGTH_MAX = 254;
export const NAME_LENGTH_MAX = 100;
export const PHONE_LENGTH_MAX = 32;

/** NIST SP 800-63B §3.1.1.2: length is what counts, and no rule of composition. */
export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 128;

/** What neither stands in an address nor could be told apart in the header of a mail: RFC 5322's specials, blanks, control and invisible characters. */
const EMAIL = /^[^\s@<>()[\],;:"\\\p{C}]{1,64}@[^\s@<>()[\],;:"\\\p{C}]{1,253}$/u;

/** Control characters, halves of surrogate pairs, private characters, line ends, and what turns the direction of the text around it. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Letters and digits that are seen: fillers are letters to Unicode. */
const LEGIBLE = /[[\p{L}\p{N}]--\p{Default_Ignorable_Code_Point}]/v;

/** Source of a JSON Schema pattern: digits in the usual groupings, with or without the country. */
export const PHONE_PATTERN = "^\\+?[0-9][0-9 ().-]{4,30}$";

/** The one form of an address by which its member is found, or null if it can't be one. Capitals don't tell members apart. */
export function readEmail(text: string): string | null {
  // Composed last: some letters are composed only when they are small (U+01F0).
  const email = text.trim().toLowerCase().normalize("NFC");
  return email.length <= EMAIL_LENGTH_MAX && EMAIL.test(email) ? email : null;
}

/** Whether it can be a password. Halves of surrogate pairs can't stand in one: as UTF-8, and so as hashes, they are all the same. */
export function isPassword(text: string): boolean {
  return text.length >= PASSWORD_LENGTH_MIN && text.length <= PASSWORD_LENGTH_MAX && text.isWellFormed();
}

/** The name without blanks around it, or null if nobody could read it. */
export function readName(text: string): string | null {
  const name = text.trim().normalize("NFC");
  return name.length <= NAME_LENGTH_MAX && LEGIBLE.test(name) && !NOT_IN_NAMES.test(name) ? name : null;
}
