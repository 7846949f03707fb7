/**
 * Owns the way between the member's pages and the waiting room: who goes where with what.
 *
 * No pass is handed over. Whoever may reserve asks for it by the cookies of the session: a member's ticket and pass of a room's
 * epoch are the same at every asking, so that reloads, other tabs and other devices find them again, and no script finds a secret in
 * a storage.
 */

/** The steps of a party through a flight; the room keeps the search of an address, which says who travels, and gives it back. */
export function waitingRoomPath(flightId: string, search = ""): string {
  return `/flights/${encodeURIComponent(flightId)}/waiting-room${search}`;
}

/** Where the room sends whoever has been admitted. */
export function afterRoomPath(flightId: string, search = ""): string {
  return `/flights/${encodeURIComponent(flightId)}/seats${search}`;
}

/** Where somebody without a session goes first, and comes back from. @param back a path of ours, with its search */
export function logInPath(back: string): string {
  return `/login?next=${encodeURIComponent(back)}`;
}
