/** Owns the gauges of whichever host serves in this process: a host that was fenced is followed by another. */

import type { Telemetry } from "./telemetry.ts";

export interface HostFigures {
  /** Flights in memory. */
  readonly flightsLoaded: number;
  /** Commands that wait in mailboxes. */
  readonly commandsWaiting: number;
}

/** @param present the host that serves now; null between two */
export function hostGauges(telemetry: Telemetry, present: () => HostFigures | null): void {
  telemetry.gauge("pigonair_flights_loaded", "Flights in memory.", () => present()?.flightsLoaded ?? 0);
  telemetry.gauge(
    "pigonair_mailbox_commands",
    "Commands that wait in mailboxes.",
    () => present()?.commandsWaiting ?? 0,
  );
}
