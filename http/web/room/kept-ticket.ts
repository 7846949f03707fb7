/**
 * Owns the ticket that a browser keeps: with it a place is kept even if the room has lost all that it knew. It is no secret: it opens
 * nothing without its member's session, and a pass is never kept. How long it counts is for the room to say.
 */

export class KeptTicket {
  readonly #key: string;

  constructor(flightId: string) {
    this.#key = `waiting-room ${flightId}`;
  }

  read(): string | null {
    try {
      const { ticket } = JSON.parse(localStorage.getItem(this.#key) ?? "null") ?? {};
      return typeof ticket === "string" ? ticket : null;
    } catch {
      // Storage that is switched off, or holds what nobody wrote.
      return null;
    }
  }

  keep(ticket: string): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ ticket }));
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
