/** Owns the command `verify-draw FILE`: anybody, with nothing but what is public, finds out whether a draw was what it was promised to be. */

import { stat } from "node:fs/promises";
import { present } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import { isPublicName } from "../beacon/beacon.ts";
import { fetchRound } from "../beacon/http-beacon.ts";
import { checkFacts, type Known, ListCheck } from "./check.ts";
import { checkPlace, readProof } from "./check-proof.ts";
import { finalOf, Ranks } from "./draw.ts";
import type { Published } from "./draw-file.ts";
import { Findings } from "./findings.ts";
import { hexOf } from "./hash.ts";
import type { Line } from "./leaf.ts";
import { checkLeaf, type MyTicket, strangeTo } from "./my-ticket.ts";
import { type DrawFileListener, type DrawFilePlace, readDrawFile } from "./read-draw-file.ts";
import { readOrder, USAGE, type VerifyOrder } from "./verify-order.ts";

export interface VerifySurroundings {
  readonly clock: Clock;
  /** Takes a line of the result. */
  readonly out: (line: string) => void;
  /** Takes a line on why there is none, or on how far it is. */
  readonly err: (line: string) => void;
}

/** Exit codes: the draw is as promised (or help was asked for), it isn't, it could not be checked. */
const RIGHT = 0;
const WRONG = 1;
const UNCHECKED = 2;

/** A proof is one small answer; a list is read a piece at a time. */
const PROOF_BYTES_MAX = 65_536;

const PROGRESS_EVERY_MS = 1_000;
const FETCH_MS_MAX = 10_000;

/** What was read: the facts, whose draw it is where that is said, and what is wrong with the places. */
interface Looked {
  readonly published: Published;
  readonly notes: readonly string[];
  readonly findings: Findings;
}

/** The draw could not be checked; the message says why. */
class Unchecked extends Error {}

/**
 * @param args what stands after `verify-draw` on the command line
 * @returns the exit code: 0 when the draw is as promised, 1 when it is not, 2 when it could not be checked
 */
export async function runVerifyDraw(args: readonly string[], surroundings: VerifySurroundings): Promise<number> {
  const { out, err } = surroundings;
  if (args.includes("--help")) {
    out(USAGE);
    return RIGHT;
  }
  const order = readOrder(args);
  if (typeof order === "string") {
    err(`verify-draw: ${order}`);
    err(USAGE);
    return UNCHECKED;
  }
  try {
    const lines = await verify(order, surroundings);
    for (const line of lines.notes) out(line);
    for (const line of lines.findings) out(line);
    const isRight = lines.findings.length === 0;
    out(
      isRight ? "RIGHT: the draw is what it was promised to be." : "WRONG: the draw is not what it was promised to be.",
    );
    return isRight ? RIGHT : WRONG;
  } catch (cause) {
    if (!(cause instanceof Unchecked)) throw cause;
    err(`${order.file}: ${cause.message}`);
    err("NOT CHECKED: nothing is known of this draw.");
    return UNCHECKED;
  }
}

interface Told {
  readonly notes: readonly string[];
  readonly findings: readonly string[];
}

async function verify(order: VerifyOrder, surroundings: VerifySurroundings): Promise<Told> {
  const size = await sizeOf(order.file);
  const isProof = (await Bun.file(order.file).slice(0, 1).text()) === "{";
  const looked = isProof ? await lookAtProof(order, size) : await lookAtList(order, size, surroundings);
  const beacon = order.fetchBeacon ? await fetched(looked.published, surroundings) : order.known.beacon;
  const facts = new Findings();
  checkFacts(looked.published, { ...order.known, beacon }, facts);
  return {
    notes: [...looked.notes, ...factNotes(looked.published, order.known, beacon !== null)],
    findings: [...facts.lines(), ...looked.findings.lines()],
  };
}

async function lookAtList(order: VerifyOrder, size: number, { clock, err }: VerifySurroundings): Promise<Looked> {
  const listener = new ListLook(order.ticket);
  const malformed = await readDrawFile(withProgress(order.file, size, clock, err), listener);
  if (malformed !== null) throw new Unchecked(`line ${malformed.lineNumber} ${malformed.problem}.`);
  return listener.looked();
}

/** Hears a list, and looks for one ticket in it. */
class ListLook implements DrawFileListener {
  readonly #ticket: MyTicket | null;
  readonly #findings = new Findings();
  #list: ListCheck | null = null;
  #isTicketSeen = false;

  constructor(ticket: MyTicket | null) {
    this.#ticket = ticket;
  }

  header(line: Line, published: Published): void {
    const strange = this.#ticket === null ? null : strangeTo(this.#ticket, line);
    if (strange !== null) throw new Unchecked(strange);
    this.#list = new ListCheck(line, published, this.#findings);
  }

  place({ lineNumber, seq, rank, leaf }: DrawFilePlace): void {
    this.#list?.place(lineNumber, seq, rank, leaf);
    if (seq !== this.#ticket?.seq) return;
    this.#isTicketSeen = true;
    checkLeaf(this.#ticket, leaf, this.#findings);
  }

  /** After the last place. */
  looked(): Looked {
    const list = present(this.#list, "a file that was read to its end has a header");
    const { line, published } = list;
    list.end();
    const notes = [`Flight ${line.flightId}, epoch ${line.epoch}: ${published.n} tickets took part.`];
    if (list.vacant > 0) notes.push(`${list.vacant} places were nobody's when the line was frozen.`);
    if (this.#ticket !== null) {
      const { seq } = this.#ticket;
      if (!this.#isTicketSeen && seq <= published.n)
        this.#findings.add("tickets", `Your ticket is not in the list: there is no place ${seq}.`);
      notes.push(ticketNote(seq, published));
    }
    return { published, notes, findings: this.#findings };
  }
}

async function lookAtProof({ file, ticket }: VerifyOrder, size: number): Promise<Looked> {
  if (size > PROOF_BYTES_MAX) throw new Unchecked("is too long for the proof of one place.");
  const proof = readProof(await Bun.file(file).text());
  if (typeof proof === "string") throw new Unchecked(`${proof}.`);
  const { published, place } = proof;
  const findings = new Findings();
  const notes = [`${published.n} tickets took part.`];
  if (ticket === null) {
    if (place !== null) notes.push("Whose place it is can't be checked without the ticket (--ticket).");
  } else {
    if (ticket.seq <= published.n) checkPlace(ticket, proof, findings);
    notes.push(ticketNote(ticket.seq, published));
  }
  return { published, notes, findings };
}

function ticketNote(seq: number, { n, seed, root, beacon }: Published): string {
  if (seq > n)
    return `Your place, ${seq}, was given after the freeze: it is served in its order, after the ${n} that were drawn for.`;
  const rank = new Ranks(n, finalOf(seed, root, beacon.value)).rank(seq);
  return `Your place, ${seq}: the draw makes it number ${rank} of ${n}.`;
}

/** What is to be known of a draw that is right: whom it trusts, and what was not compared. */
function factNotes({ seedHash, root, beacon }: Published, known: Known, isBeaconKnown: boolean): string[] {
  const notes: string[] = [];
  if (beacon.name === null) notes.push("No beacon was named: the order trusts the operator.");
  else if (beacon.value === null)
    notes.push(`The beacon ${beacon.name} did not come in time: the order trusts the operator.`);
  else if (!isPublicName(beacon.name))
    notes.push(`The beacon was ${beacon.name}, which the operator wrote: ${hexOf(beacon.value)}.`);
  else if (!isBeaconKnown)
    notes.push(`Look up whether ${beacon.name} says ${hexOf(beacon.value)} (or --fetch-beacon).`);
  if (known.seedHash === null)
    notes.push(`Compare with what was promised before the opening: seed hash ${hexOf(seedHash)} (--seed-hash).`);
  if (known.root === null) notes.push(`Compare with what was published at the freeze: root ${hexOf(root)} (--root).`);
  return notes;
}

async function fetched({ beacon }: Published, { clock, err }: VerifySurroundings): Promise<Uint8Array | null> {
  if (beacon.name === null || beacon.value === null) return null;
  if (!isPublicName(beacon.name)) throw new Unchecked(`the beacon "${beacon.name}" can't be looked up by anybody.`);
  err(`Looking up ${beacon.name}`);
  const reading = await fetchRound(beacon.name, clock, FETCH_MS_MAX);
  if (!reading.ok) throw new Unchecked(`the beacon ${beacon.name} ${reading.problem}.`);
  return reading.randomness;
}

async function sizeOf(file: string): Promise<number> {
  try {
    const about = await stat(file);
    if (!about.isFile()) throw new Unchecked("is not a file.");
    return about.size;
  } catch (cause) {
    if (cause instanceof Unchecked) throw cause;
    throw new Unchecked(`can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

/** Speaks once a second, so that a short file is read in silence. */
async function* withProgress(
  file: string,
  size: number,
  clock: Clock,
  err: VerifySurroundings["err"],
): AsyncGenerator<Uint8Array> {
  let nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS;
  let read = 0;
  for await (const chunk of Bun.file(file).stream()) {
    yield chunk;
    read += chunk.length;
    if (clock.monotonicMs() < nextMs) continue;
    nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS;
    err(`${file}: ${Math.floor((100 * read) / size)} % checked`);
  }
}
