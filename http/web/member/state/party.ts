/** Owns who travels, as the address says it: how many of each kind, and which seat each of them wants. */

export type PassengerType = "ADT" | "CHD" | "INF";

export interface Party {
  readonly adults: number;
  readonly children: number;
  /** On an adult's lap. */
  readonly infants: number;
}

export const PASSENGERS_MAX = 9;

export const ONE_ADULT: Party = { adults: 1, children: 0, infants: 0 };

/** What an address says, made possible: at least an adult, at most nine people, an adult for each infant. */
export function partyIn(query: URLSearchParams): Party {
  const count = (name: string): number => Math.max(0, Math.trunc(Number(query.get(name) ?? 0)) || 0);
  const adults = Math.min(Math.max(1, count("adults")), PASSENGERS_MAX);
  const children = Math.min(count("children"), PASSENGERS_MAX - adults);
  const infants = Math.min(count("infants"), PASSENGERS_MAX - adults - children, adults);
  return { adults, children, infants };
}

/** For {@link withParameters}: a lone adult needs no words. */
export function partyParameters({ adults, children, infants }: Party): Readonly<Record<string, number | null>> {
  return { adults: adults === 1 ? null : adults, children: children || null, infants: infants || null };
}

/** In the order in which they are named and seated. */
export function typesOf({ adults, children, infants }: Party): readonly PassengerType[] {
  return [
    ...Array<PassengerType>(adults).fill("ADT"),
    ...Array<PassengerType>(children).fill("CHD"),
    ...Array<PassengerType>(infants).fill("INF"),
  ];
}

export function seatedCount({ adults, children }: Party): number {
  return adults + children;
}

const SEAT = /^\d{1,3}[A-Z]$/;

/** The seat of each who sits, by passenger; null where none is named. */
export function seatsIn(query: URLSearchParams, party: Party): readonly (string | null)[] {
  const named = (query.get("seats") ?? "").split(",");
  const seen = new Set<string>();
  return Array.from({ length: seatedCount(party) }, (_, at) => {
    const seat = named[at] ?? "";
    if (!SEAT.test(seat) || seen.has(seat)) return null;
    seen.add(seat);
    return seat;
  });
}

export function seatsParameter(seats: readonly (string | null)[]): string | null {
  return seats.every((seat) => seat === null) ? null : seats.map((seat) => seat ?? "").join(",");
}
