/** Owns the words with which a process begins: where everything is, and what to try. */

export interface Begun {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  readonly role: "all" | "edge" | "actors" | "workers";
  /** Where the sandbox of payments listens; null when it doesn't run. */
  readonly sandboxUrl: string | null;
  /** Flights of the demo timetable that this start has made; null when there were flights. */
  readonly demoFlights: number | null;
  /** Whose it is, is not said: what is printed here is kept with the log. */
  readonly hasOperator: boolean;
  readonly dataDir: string;
}

/** For people: in production whatever is printed is the log, and programs read it. */
export function welcome({ url, role, sandboxUrl, demoFlights, hasOperator, dataDir }: Begun): string {
  if (role === "actors" || role === "workers") {
    const sandbox = sandboxUrl === null ? "" : `; the payments sandbox is at ${sandboxUrl}`;
    return `PigonAir's ${role} say how they are at ${url}/readyz${sandbox}`;
  }
  const lines = [
    `PigonAir serves at ${url}`,
    `  pages              ${url}/`,
    `  API and its page   ${url}/openapi`,
    ...(sandboxUrl === null ? [] : [`  payments sandbox   ${sandboxUrl}`]),
    `  data               ${dataDir}`,
    !hasOperator
      ? "  operator           none: set ADMIN_EMAIL and ADMIN_PASSWORD"
      : `  operator           the account of ADMIN_EMAIL, at ${url}/operator`,
  ];
  if (demoFlights !== null)
    lines.push(`The catalogue was empty: ${demoFlights} demo flights of the next 30 days were added.`);
  lines.push(`Try: curl '${url}/api/v1/flights?origin=ICN&size=3'`);
  return lines.join("\n");
}
