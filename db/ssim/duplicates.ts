/** Owns the search for flights that a file names twice: they are reported with both lines, never chosen between. */

import { flightIdOf } from "../catalogue/planned-flight.ts";
import { eachDay, isoDateOf } from "./calendar.ts";
import { type Leg, localDayOf } from "./leg.ts";
import type { Problems } from "./problem.ts";

/**
 * Reports each pair of lines that make the same flights once, at the later line. Only legs of the same flight number
 * and origin are compared, so that the memory which this takes is that of one flight's season.
 */
export function reportDuplicates(legs: readonly Leg[], problems: Problems): void {
  const byName = new Map<string, Leg[]>();
  for (const leg of legs) {
    const name = `${leg.airline} ${leg.number} ${leg.suffix ?? ""} ${leg.origin}`;
    const namesakes = byName.get(name);
    if (namesakes === undefined) byName.set(name, [leg]);
    else namesakes.push(leg);
  }
  for (const namesakes of byName.values()) {
    if (namesakes.length > 1) reportAmong(namesakes, problems);
  }
}

function reportAmong(namesakes: readonly Leg[], problems: Problems): void {
  const lineByDay = new Map<number, number>();
  for (const leg of namesakes) {
    const shared = new Map<number, { firstDay: number; days: number }>();
    for (const day of eachDay(leg.days)) {
      const localDay = localDayOf(leg, day);
      const line = lineByDay.get(localDay);
      if (line === undefined) {
        lineByDay.set(localDay, leg.line);
        continue;
      }
      const known = shared.get(line);
      shared.set(line, { firstDay: known?.firstDay ?? localDay, days: (known?.days ?? 0) + 1 });
    }
    for (const [line, { firstDay, days }] of shared) {
      const id = flightIdOf(leg.airline, leg.number, leg.suffix, isoDateOf(firstDay), leg.origin);
      const others = days > 1 ? ` and ${days - 1} more` : "";
      problems.add(leg.line, "flight", `${id}${others}: line ${line} has the same flight`);
    }
  }
}
