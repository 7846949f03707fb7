/** Owns the mutants that break who owns which flights. */

import type { Edit, Mutant } from "./mutant.ts";

export const KEEPS_FLIGHTS: Edit = {
  file: "actors/flight-host.ts",
  snippet: "for (const actor of await this.#close(shards)) this.#forget(actor);",
  instead: "await this.#close(shards);",
};

export const OF_HOSTS: readonly Mutant[] = [
  {
    name: "load-before-claim",
    what: "a host keeps flights of shards that it gave away, and goes on with them when it claims them again",
    edits: [KEEPS_FLIGHTS],
    foundBy: ["load after claim"],
    seedsMax: 400,
  },
  {
    name: "ends-when-asked-for",
    what: "whoever takes a flight over ends what is over only once somebody asks for the flight",
    edits: [
      {
        file: "actors/flight-host.ts",
        snippet: "for (const { flightId, atMs } of deadlines) this.#arm(flightId, shardOf(flightId), atMs);",
        instead: "void deadlines;",
      },
    ],
    foundBy: ["liveness"],
    seedsMax: 400,
  },
  {
    name: "keeps-what-it-has",
    what: "a host does not hand over to one that has come",
    edits: [
      {
        file: "actors/ownership/moves.ts",
        snippet: "if (!isMine) handOff.push(shard);",
        instead: "void isMine;",
      },
    ],
    foundBy: ["liveness"],
    seedsMax: 100,
  },
  {
    name: "says-the-bus-is-there",
    what: "a host that the bus does not reach says that it does, and keeps its flights",
    edits: [
      {
        file: "actors/ownership/membership.ts",
        snippet: "return this.#services.bus.trouble() === null;",
        instead: "return true;",
      },
    ],
    foundBy: ["liveness"],
    seedsMax: 200,
  },
];
