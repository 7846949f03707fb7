/** Owns the mutants that break who is let in, and when. */

import type { Mutant } from "./mutant.ts";

export const OF_ROOMS: readonly Mutant[] = [
  {
    name: "pacer-without-fence",
    what: "who paced before, and was held up, still decides who is let in",
    edits: [
      {
        file: "queue/room/memory/memory-room.ts",
        snippet: "if (fence < this.#fence) return false;",
        instead: "",
      },
    ],
    foundBy: ["pacer"],
    seedsMax: 100,
  },
  {
    name: "two-pacers",
    what: "the lease of whoever paces keeps nobody else from pacing",
    edits: [
      {
        file: "queue/room/memory/memory-room-store.ts",
        snippet: 'if (holder !== current && current !== "" && untilMs > nowMs) return null;',
        instead: "",
      },
    ],
    foundBy: ["pacer"],
    seedsMax: 100,
  },
  {
    name: "not-as-drawn",
    what: "those who came before the opening are let in as they came, and not as they were drawn",
    edits: [
      {
        file: "queue/room/known-room.ts",
        snippet: "return seq <= this.#draw.n ? this.#draw.rank(seq) : seq;",
        instead: "return seq;",
      },
    ],
    foundBy: ["order of admission"],
    seedsMax: 100,
  },
  {
    name: "pass-for-ever",
    what: "the gate lets people in with passes that have run out",
    edits: [
      {
        file: "queue/room/gate.ts",
        snippet: 'return claims.expiresAtMs <= clock.nowMs() ? "expired" : null;',
        instead: "return null;",
      },
    ],
    foundBy: ["order of admission"],
    seedsMax: 400,
  },
  {
    name: "past-the-room",
    what: "whoever has no pass is served all the same",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "if (command.replayOnly === true) return unanswered();",
        instead: "",
      },
    ],
    foundBy: ["order of admission"],
    seedsMax: 200,
  },
  {
    name: "pass-of-elsewhere",
    what: "the gate lets people in with passes of another flight",
    edits: [
      {
        file: "queue/room/gate.ts",
        snippet: 'if (claims.room !== flightId) return "wrong-flight";',
        instead: "",
      },
    ],
    foundBy: ["order of admission"],
    seedsMax: 400,
  },
];
