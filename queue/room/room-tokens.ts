/** Owns tickets and passes as people hold them: signed, so that no other place and no other person's opens the door. */

import { timingSafeEqual } from "node:crypto";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";

/** Of a ticket and of a pass alike: whose it is, in which room, and for which place; within an epoch a pass is known by its place. */
export interface RoomClaims {
  readonly room: FlightId;
  readonly epoch: number;
  readonly seq: number;
  readonly member: MemberId;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** As they are signed; times in seconds since the Unix epoch, with fractions (NumericDate of RFC 7519). */
interface Signed {
  readonly room: FlightId;
  readonly epoch: number;
  readonly seq: number;
  readonly member: MemberId;
  readonly iat: number;
  readonly exp: number;
}

/** The text of the longest ids is shorter; the signature of a longer one isn't looked at. */
const LENGTH_MAX = 512;

/** SHA-256 as base64url, without padding. */
const SIGNATURE_LENGTH = 43;

/** `base64url(JSON).base64url(HMAC-SHA256)`: what a place is worth is nobody's secret, but only we can write it. */
class Seal {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array, kind: string) {
    // A ticket can't be taken for a pass, whose key is another one.
    this.#key = new Bun.CryptoHasher("sha256", key).update(`pigonair room ${kind}`).digest();
  }

  seal({ room, epoch, seq, member, issuedAtMs, expiresAtMs }: RoomClaims): string {
    const claims: Signed = { room, epoch, seq, member, iat: issuedAtMs / 1000, exp: expiresAtMs / 1000 };
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    return `${payload}.${this.#signature(payload)}`;
  }

  /** What it says; null unless it was sealed here, byte for byte. */
  open(text: string): RoomClaims | null {
    const at = text.length - SIGNATURE_LENGTH - 1;
    if (text.length > LENGTH_MAX || at < 1 || text[at] !== ".") return null;
    const payload = text.slice(0, at);
    const expected = Buffer.from(this.#signature(payload));
    // As text: other texts than the one of a signature would be read as the same bytes.
    const given = Buffer.from(text.slice(at + 1));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    const { room, epoch, seq, member, iat, exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as Signed;
    return { room, epoch, seq, member, issuedAtMs: Math.round(iat * 1000), expiresAtMs: Math.round(exp * 1000) };
  }

  #signature(payload: string): string {
    return new Bun.CryptoHasher("sha256", this.#key).update(payload).digest("base64url");
  }
}

export class RoomTokens {
  readonly #tickets: Seal;
  readonly #passes: Seal;

  /** @param key ROOM_KEY: all edges have the same */
  constructor(key: Uint8Array) {
    this.#tickets = new Seal(key, "ticket");
    this.#passes = new Seal(key, "pass");
  }

  ticket(claims: RoomClaims): string {
    return this.#tickets.seal(claims);
  }

  /** What a ticket says; null if it is none of ours. Whether it still counts is for others to see. */
  readTicket(text: string): RoomClaims | null {
    return this.#tickets.open(text);
  }

  /** The same claims make the same pass. */
  pass(claims: RoomClaims): string {
    return this.#passes.seal(claims);
  }

  /** As {@link readTicket}. */
  readPass(text: string): RoomClaims | null {
    return this.#passes.open(text);
  }
}
