/**
 * Owns the ticket that a browser keeps: with it a place is kept even if the room has lost all that it knew. It is no secret: it opens
 * nothing without its member's session, and a pass is never kept.
 */

const AGE_MS_MAX = 7 * 86_400_000;

export class KeptTicket {
  readonly #key: string;

  constructor(flightId: string) {
    this.#key = `waiting-room ${flightId}`;
  }

  /** @param nowMs the server's time */
  read(nowMs: number): string | null {
    try {
      const { ticket, atMs } = JSON.parse(localStorage.getItem(this.#key) ?? "null") ?? {};
      return typeof ticket === "string" && nowMs - atMs < AGE_MS_MAX ? ticket : null;
    } catch {
      // Storage that is switched off, or holds what nobody wrote.
      return null;
    }
  }

  keep(ticket: string, nowMs: number): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ ticket, atMs: nowMs }));
    } catch {
      // The place is kept by the room all the same.
    }
  }

  forget(): void {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // As above.
    }
  }
}
