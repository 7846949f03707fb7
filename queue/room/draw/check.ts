/** Owns the checking of a draw that was published: nothing in it is believed that can be worked out. */

import { finalOf, Ranks, seedHashOf } from "./draw.ts";
import type { Published } from "./draw-file.ts";
import type { Findings } from "./findings.ts";
import { type Hash, hexOf, isSameHash } from "./hash.ts";
import { type Line, leafOf } from "./leaf.ts";
import { MerkleRoot, sizedRoot } from "./merkle.ts";

/** What somebody knows from elsewhere: noted before the opening, or looked up. Null: not known. */
export interface Known {
  readonly seedHash: Hash | null;
  readonly root: Hash | null;
  readonly beacon: Uint8Array | null;
}

/** Whether the facts agree with each other, and with what is known from elsewhere. */
export function checkFacts({ seed, root, beacon, seedHash, final }: Published, known: Known, findings: Findings): void {
  if (!isSameHash(seedHashOf(seed), seedHash))
    findings.add(
      "seeds",
      `The seed does not match its commitment: SHA-256 of the seed is ${hexOf(seedHashOf(seed))}, and ${hexOf(seedHash)} was promised.`,
    );
  if (known.seedHash !== null && !isSameHash(known.seedHash, seedHash))
    findings.add(
      "commitments",
      `The commitment was changed: you know ${hexOf(known.seedHash)}, and it says ${hexOf(seedHash)}.`,
    );
  if (known.root !== null && !isSameHash(known.root, root))
    findings.add(
      "roots",
      `The list of tickets was changed after the freeze: you know the root ${hexOf(known.root)}, and it says ${hexOf(root)}.`,
    );
  // That no value came in time can't be told from that none was wanted: the notes say it, and that the order trusts the operator then.
  if (known.beacon !== null && beacon.value !== null && hexOf(known.beacon) !== hexOf(beacon.value))
    findings.add(
      "beacons",
      `The beacon is wrong: its value is ${hexOf(known.beacon)}, and it says ${hexOf(beacon.value)}.`,
    );
  if (beacon.name === null && beacon.value !== null)
    findings.add("beacons", "The beacon is wrong: there is a value, but none was named beforehand.");
  const worked = finalOf(seed, root, beacon.value);
  if (!isSameHash(worked, final))
    findings.add(
      "finals",
      `"final" does not come from seed, root and beacon: it would be ${hexOf(worked)}, and it says ${hexOf(final)}. One of the four was changed.`,
    );
}

/** Takes all places of a list one by one, in a memory that doesn't grow with it. */
export class ListCheck {
  readonly line: Line;
  readonly published: Published;
  readonly #findings: Findings;
  readonly #tree = new MerkleRoot();
  readonly #ranks: Ranks;
  #next = 1;
  /** Places that nobody had when the line was frozen. */
  vacant = 0;

  constructor(line: Line, published: Published, findings: Findings) {
    this.line = line;
    this.published = published;
    this.#findings = findings;
    // Not the "final" that is said, but the one that seed, root and beacon give.
    this.#ranks = new Ranks(published.n, finalOf(published.seed, published.root, published.beacon.value));
  }

  get count(): number {
    return this.#tree.count;
  }

  place(lineNumber: number, seq: number, rank: number, leaf: Hash): void {
    const { n } = this.published;
    this.#tree.add(leaf);
    if (seq > this.#next) this.#finding("missing places", missing(this.#next, seq - 1, `before line ${lineNumber}`));
    if (seq < this.#next)
      this.#finding(
        "places out of order",
        `Line ${lineNumber}: place ${seq} comes after place ${this.#next - 1}: tickets were moved, or one was added.`,
      );
    this.#next = Math.max(this.#next, seq + 1);
    if (isSameHash(leaf, leafOf(this.line, seq, null))) this.vacant += 1;
    if (seq > n)
      this.#finding("places too many", `Line ${lineNumber}: place ${seq} was added: ${n} tickets were frozen.`);
    else if (rank !== this.#ranks.rank(seq))
      this.#finding(
        "wrong ranks",
        `Line ${lineNumber}: place ${seq} is said to be served as number ${rank}, and the draw makes it number ${this.#ranks.rank(seq)}.`,
      );
  }

  /** To be called after the last place. */
  end(): void {
    const { n, root } = this.published;
    if (this.#next <= n) this.#finding("missing places", missing(this.#next, n, "at the end"));
    const worked = sizedRoot(n, this.#tree.root());
    if (isSameHash(worked, root)) return;
    const what =
      this.count > n
        ? `${this.count - n} tickets were added`
        : this.count < n
          ? `${n - this.count} tickets were dropped`
          : "a ticket was altered, or tickets were moved";
    this.#finding(
      "roots",
      `The list is not the one that was frozen: ${what}. The root of this list is ${hexOf(worked)}, and ${hexOf(root)} was published.`,
    );
  }

  #finding(kind: string, finding: string): void {
    this.#findings.add(kind, finding);
  }
}

function missing(from: number, to: number, where: string): string {
  return from === to
    ? `Place ${from} is missing ${where}: its ticket was dropped.`
    : `Places ${from} to ${to} are missing ${where}: their tickets were dropped.`;
}
