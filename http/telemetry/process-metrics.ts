/** Owns the figures of the process itself that nobody else measures: what it is, how busy its thread is, and its way to the database. */

import type { Telemetry } from "../../actors/telemetry.ts";
import { threadWorkedMs } from "./thread-load.ts";

export interface ProcessInfo {
  readonly version: string;
  readonly role: string;
  /** What operators call it. */
  readonly host: string;
}

export function processMetrics(telemetry: Telemetry, { version, role, host }: ProcessInfo): void {
  telemetry.gauge(
    "pigonair_build_info",
    "What this process is; always 1.",
    () => [{ labels: { version, bun: Bun.version, role, host }, value: 1 }],
    ["version", "bun", "role", "host"],
  );
  telemetry.total(
    "pigonair_thread_busy_seconds_total",
    "How long the thread of the event loop has worked.",
    () => threadWorkedMs() / 1_000,
  );
}

/** How much of a pool is used now; db/mysql/pool-driver.ts says what each is. */
export interface DatabaseFigures {
  readonly busy: number;
  readonly idle: number;
  readonly max: number;
  readonly waiting: number;
}

export function databaseMetrics(telemetry: Telemetry, read: () => DatabaseFigures): void {
  telemetry.gauge(
    "pigonair_database_connections",
    "Connections to the database, besides the lane's.",
    () => {
      const { busy, idle } = read();
      return [
        { labels: { state: "busy" }, value: busy },
        { labels: { state: "idle" }, value: idle },
      ];
    },
    ["state"],
  );
  telemetry.gauge("pigonair_database_connections_max", "How many of them there may be.", () => read().max);
  telemetry.gauge("pigonair_database_waiting", "Statements and transactions that wait for one.", () => read().waiting);
}
