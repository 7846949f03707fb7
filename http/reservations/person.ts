/** Owns how a passenger is recognised without being known: a keyed hash over name and birth date. */

/** Base64url characters of the digest that are kept: 132 bits. */
const LENGTH = 22;

/** @param birthDate `YYYY-MM-DD` */
export type PersonOf = (name: string, birthDate: string) => string;

/** @param key a secret of the system's own: without it a hash could be found again by trying names and dates */
export function personHash(key: Uint8Array): PersonOf {
  const keyed = new Bun.CryptoHasher("sha256", key);
  return (name, birthDate) =>
    keyed
      .copy()
      // The date has one form and length: no two pairs give the same text.
      .update(`${normalised(name)}|${birthDate}`)
      .digest("base64url")
      .slice(0, LENGTH);
}

/** The same for what people mean by the same name: widths, ligatures, case, spaces and what is not seen don't matter. */
function normalised(name: string): string {
  return name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .normalize("NFKC")
    .toUpperCase()
    .trim()
    .replace(/\s+/g, " ");
}
