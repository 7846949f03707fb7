/** Owns the dashboard of the machinery: processes, shards, database, NATS, Redis, and who follows the journal. */

import type { Dashboard } from "../grafana/dashboard.ts";
import { perSecond, perSecondOrNone, quantile } from "../grafana/queries.ts";

export const system: Dashboard = {
  uid: "pigonair-system",
  title: "PigonAir: system",
  description: "Processes and what they stand on: hosts, shards, database, NATS, Redis, the journal's followers.",
  rows: [
    {
      title: "Now",
      panels: [
        {
          kind: "state",
          title: "Processes",
          description: "Whether each answers Prometheus.",
          unit: "none",
          queries: [{ expr: 'up{job="pigonair"}', legend: "{{instance}}" }],
        },
        {
          kind: "state",
          title: "Ready",
          description: "What each says at /readyz.",
          unit: "none",
          queries: [{ expr: "pigonair_ready", legend: "{{instance}}" }],
        },
        {
          kind: "number",
          title: "Shards with an owner",
          description: "Of 256. Fewer for longer than a take-over lasts: flights that can't be sold.",
          unit: "short",
          queries: [{ expr: "sum(pigonair_shards_owned)", legend: "shards" }],
        },
        {
          kind: "number",
          title: "Doctor's findings",
          description: "Projections that differ from their journals. Anything but 0 is for a person.",
          unit: "short",
          queries: [{ expr: "max(pigonair_doctor_findings)", legend: "findings" }],
        },
      ],
    },
    {
      title: "Processes",
      panels: [
        {
          kind: "lines",
          title: "Processor",
          description: "Cores that each process takes, all its threads together.",
          unit: "short",
          queries: [
            { expr: perSecond("process_cpu_seconds_total", "instance", 'job="pigonair"'), legend: "{{instance}}" },
          ],
        },
        {
          kind: "lines",
          title: "Memory",
          description: "Resident.",
          unit: "bytes",
          queries: [{ expr: 'process_resident_memory_bytes{job="pigonair"}', legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Loop lag",
          description: "How long the slowest of a hundred turns of each event loop was late since the last look.",
          unit: "s",
          queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="pigonair"}', legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Files and connections",
          description: "Open ones, as a share of what the process may have.",
          unit: "percentunit",
          max: 1,
          queries: [{ expr: 'process_open_fds{job="pigonair"} / process_max_fds', legend: "{{instance}}" }],
        },
      ],
    },
    {
      title: "Hosts of flights",
      panels: [
        {
          kind: "lines",
          title: "Shards",
          description: "That each host serves.",
          unit: "short",
          queries: [{ expr: "pigonair_shards_owned", legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Shards that move",
          description: "Taken over, handed over, and hosts that others took for gone; a second.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_shard_claims_total"), legend: "claims" },
            { expr: perSecond("pigonair_shard_hand_offs_total"), legend: "hand-offs" },
            { expr: perSecond("pigonair_fencings_total"), legend: "fencings" },
          ],
        },
        {
          kind: "lines",
          title: "Flights in memory",
          description: "Of each host.",
          unit: "short",
          queries: [{ expr: "pigonair_flights_loaded", legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Clocks",
          description: "How far each machine's clock is from the database's; commands go by the database's.",
          unit: "s",
          queries: [{ expr: "abs(pigonair_clock_offset_seconds)", legend: "{{instance}}" }],
        },
      ],
    },
    {
      title: "Database",
      panels: [
        {
          kind: "lines",
          title: "Connections",
          description: "Busy ones, and how many there may be. The lane has its own beside them.",
          unit: "short",
          queries: [
            { expr: 'sum by (instance) (pigonair_database_connections{state="busy"})', legend: "{{instance}} busy" },
            { expr: "pigonair_database_connections_max", legend: "{{instance}} at most" },
          ],
        },
        {
          kind: "lines",
          title: "Statements that wait",
          description:
            "For a connection. More than a few for long: the database, or the number of connections, is too small.",
          unit: "short",
          queries: [{ expr: "pigonair_database_waiting", legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Commits",
          description: "Transactions a second, of each host.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_commit_seconds_count", "instance"), legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Beats that failed",
          description: "Of hosts that did not reach the database to say that they live; a second.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_beats_failed_total", "instance"), legend: "{{instance}}" }],
        },
      ],
    },
    {
      title: "NATS and Redis",
      panels: [
        {
          kind: "lines",
          title: "NATS: there and back",
          description: "What the slowest of a hundred pings took.",
          unit: "s",
          queries: [{ expr: quantile(0.99, "pigonair_bus_ping_seconds", "instance"), legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "NATS: messages",
          description:
            "Out, a second, and the commands in them: the more commands in a message, the fuller the moment.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_bus_messages_total"), legend: "messages" },
            { expr: perSecond("pigonair_bus_commands_total"), legend: "commands" },
          ],
        },
        {
          kind: "lines",
          title: "NATS: waiting",
          description: "Commands without an answer yet.",
          unit: "short",
          queries: [{ expr: "pigonair_bus_waiting", legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Redis: failures",
          description:
            "Commands that failed or came late, a second; and edges that count attempts alone because Redis is away.",
          unit: "ops",
          queries: [
            { expr: perSecondOrNone("pigonair_redis_failures_total"), legend: "failures" },
            { expr: "sum(pigonair_rate_limits_alone)", legend: "edges alone" },
          ],
        },
      ],
    },
    {
      title: "Who follows the journal",
      panels: [
        {
          kind: "lines",
          title: "Behind",
          description: "How long the oldest entry has waited for each.",
          unit: "s",
          queries: [{ expr: "max by (consumer) (pigonair_consumer_lag_seconds)", legend: "{{consumer}}" }],
        },
        {
          kind: "lines",
          title: "Entries",
          description: "Handled, a second, and turns that failed.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_relay_entries_total", "consumer"), legend: "{{consumer}}" },
            { expr: perSecondOrNone("pigonair_relay_failures_total"), legend: "failed" },
          ],
        },
        {
          kind: "lines",
          title: "The light check",
          description: "Flights that the doctor has looked at, by what came of it.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_doctor_checks_total", "outcome"), legend: "{{outcome}}" }],
        },
        {
          kind: "lines",
          title: "Log",
          description: "Lines a second, by level.",
          unit: "ops",
          queries: [{ expr: perSecond("pigonair_log_lines_total", "level"), legend: "{{level}}" }],
        },
      ],
    },
  ],
};
