/** Owns what was typed of passengers and not sent yet: it outlives a log-in, a reload and a refusal, and ends with the tab. */

export interface DraftPassenger {
  readonly name: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly birthDate: string;
}

export const BLANK: DraftPassenger = { name: "", birthDate: "" };

/** In the order of the party. */
export function readDraft(flightId: string): readonly DraftPassenger[] {
  const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(flightId)) ?? "[]");
  if (!Array.isArray(stored)) return [];
  return stored.map((each: Partial<DraftPassenger>) => ({
    name: String(each.name ?? ""),
    birthDate: String(each.birthDate ?? ""),
  }));
}

export function keepDraft(flightId: string, passengers: readonly DraftPassenger[]): void {
  sessionStorage.setItem(keyOf(flightId), JSON.stringify(passengers));
}

/** What was typed has become tickets. */
export function endDraft(flightId: string): void {
  sessionStorage.removeItem(keyOf(flightId));
}

function keyOf(flightId: string): string {
  return `draft:${flightId}`;
}
