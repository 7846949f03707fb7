/** Owns the gauges of whichever host serves in this process: a host that was fenced is followed by another. */

import type { Telemetry } from "./telemetry.ts";

export interface HostFigures {
  /** Flights in memory. */
  readonly flightsLoaded: number;
  /** Commands that wait in mailboxes. */
  readonly commandsWaiting: number;
  /** How full the fullest mailbox has been in the latest second or two, 0 to 1. */
  readonly mailboxFullness: number;
  /** For how long, since the host began, a batch has been on its way, in milliseconds. */
  readonly laneBusyMs: number;
}

/** @param present the host that serves now; null between two */
export function hostGauges(telemetry: Telemetry, present: () => HostFigures | null): void {
  telemetry.gauge("pigonair_flights_loaded", "Flights in memory.", () => present()?.flightsLoaded ?? 0);
  telemetry.gauge(
    "pigonair_mailbox_commands",
    "Commands that wait in mailboxes.",
    () => present()?.commandsWaiting ?? 0,
  );
  telemetry.gauge(
    "pigonair_mailbox_fullest_ratio",
    "How full the fullest mailbox has been in the latest second or two, 0 to 1.",
    () => present()?.mailboxFullness ?? 0,
  );
  let endedMs = 0;
  let latest: HostFigures | null = null;
  telemetry.total("pigonair_lane_busy_seconds_total", "How long a batch has been on its way to the database.", () => {
    const now = present();
    // What earlier hosts did counts as well: a total never falls.
    if (latest !== null && now !== latest) endedMs += latest.laneBusyMs;
    latest = now;
    return (endedMs + (now?.laneBusyMs ?? 0)) / 1_000;
  });
}
