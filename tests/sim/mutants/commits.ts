/** Owns the mutants that break how a batch becomes durable, and what is read beside it. */

import { KEEPS_FLIGHTS } from "./hosts.ts";
import type { Edit, Mutant } from "./mutant.ts";

const COMMIT = "db/mysql/commit.ts";
const LANE = "actors/lane.ts";

const NO_VERSION_CHECK: readonly Edit[] = [
  {
    file: COMMIT,
    snippet: "fenced.has(shard) || version === null || version > base",
    instead: "fenced.has(shard)",
  },
  {
    file: COMMIT,
    snippet: "values: [flightId, base],\n        affects: 1,",
    instead: "values: [flightId, base],\n        affects: null,",
  },
  {
    file: "db/mysql/batch-statements.ts",
    snippet: "Number(version) - 1],\n    affects: 1,",
    instead: "Number(version) - 1],\n    affects: null,",
  },
];

const ACKNOWLEDGES_FIRST: Edit = {
  file: LANE,
  snippet: "const outcome = await this.#commit(batch);",
  instead:
    "for (const { mail, answer } of parts.flatMap(({ decided }) => decided)) mail.answer(answer);\n    const outcome = await this.#commit(batch);",
};

export const OF_COMMITS: readonly Mutant[] = [
  {
    name: "no-fence",
    what: "a commit does not look who owns the shard",
    edits: [
      {
        file: COMMIT,
        snippet: "fenced.has(shard) || version === null || version > base",
        instead: "version === null || version > base",
      },
      {
        file: COMMIT,
        snippet: "values: [shard, epoch, owner],\n      affects: 1,",
        instead: "values: [shard, epoch, owner],\n      affects: null,",
      },
    ],
    foundBy: ["I2"],
    seedsMax: 400,
  },
  {
    name: "no-version-check",
    what: "a commit does not look at the flight's version, and a host goes on from what it read before its claim",
    edits: [...NO_VERSION_CHECK, KEEPS_FLIGHTS],
    foundBy: ["I2", "assertion", "linearizability"],
    excused: ["load after claim"],
    seedsMax: 400,
  },
  {
    name: "no-epoch",
    what: "a claim does not raise the epoch",
    edits: [
      {
        file: "db/stores/mysql-shards.ts",
        snippet: "update shards set owner = ?, epoch = epoch + 1, min_reader",
        instead: "update shards set owner = ?, epoch = epoch + 0, min_reader",
      },
    ],
    foundBy: ["I1"],
    seedsMax: 100,
  },
  {
    name: "acknowledge-before-commit",
    what: "answers leave before their batch is durable",
    edits: [ACKNOWLEDGES_FIRST],
    foundBy: ["I4"],
    seedsMax: 100,
  },
  {
    name: "acknowledge-unseen",
    what: "the same, judged by nothing but what callers were told",
    edits: [ACKNOWLEDGES_FIRST],
    foundBy: ["linearizability"],
    excused: ["I4", "I5", "acknowledged"],
    seedsMax: 1_000,
  },
  {
    name: "reads-not-gated",
    what: "what only reads or refuses is answered without asking the database who owns the flight",
    edits: [
      {
        file: COMMIT,
        snippet: "const writes = writesOf(session, batch);",
        instead: 'const writes = writesOf(session, batch);\n  if (writes.length === 0) return { kind: "committed" };',
      },
      {
        file: COMMIT,
        snippet: "const outcome = await commitAtOnce(first, batch);",
        instead:
          'if (batch.flights.every(({ change }) => change === null)) return { kind: "committed" };\n    const outcome = await commitAtOnce(first, batch);',
      },
    ],
    foundBy: ["I2", "linearizability"],
    seedsMax: 400,
  },
  {
    name: "unknown-as-failed",
    what: "a commit whose outcome is unknown is reported as failed",
    edits: [
      {
        file: COMMIT,
        snippet: 'return failure === null ? { kind: "committed" } : { kind: "unknown", cause: failure };',
        instead:
          'return failure === null ? { kind: "committed" } : { kind: "lost", flights: batch.flights.map(({ flightId }) => flightId) };',
      },
      {
        file: COMMIT,
        snippet: 'case "unavailable":\n      return { kind: "unknown", cause: failure };',
        instead:
          'case "unavailable":\n      return { kind: "lost", flights: batch.flights.map(({ flightId }) => flightId) };',
      },
    ],
    foundBy: ["outcome"],
    seedsMax: 400,
  },
  {
    name: "snapshot-ahead",
    what: "a snapshot holds what was decided since, and is not durable yet",
    edits: [
      {
        file: "actors/flight-host.ts",
        snippet: "this.#keep(actor, part.snapshot).catch",
        instead: "this.#keep(actor, { ...actor.snapshot(), version: part.snapshot.version }).catch",
      },
    ],
    foundBy: ["liveness", "projections", "I4", "I7"],
    seedsMax: 400,
  },
  {
    name: "snapshot-too-soon",
    what: "a snapshot is kept before what it holds is durable",
    edits: [
      {
        file: LANE,
        snippet: "const outcome = await this.#commit(batch);",
        instead:
          "for (const { write, snapshot } of parts) {\n      const fence = batch.fences.find(({ shard }) => shard === write.shard);\n      if (snapshot !== null && fence !== undefined) await this.#services.journal.saveSnapshot(write.flightId, fence, batch.owner, snapshot);\n    }\n    const outcome = await this.#commit(batch);",
      },
    ],
    foundBy: ["I3"],
    seedsMax: 100,
  },
  {
    name: "tickets-not-written",
    what: "tickets are given, and nobody can read them",
    edits: [
      {
        file: "actors/domain/projection.ts",
        snippet: "(hadTickets ? tickets.update : tickets.insert).push(...ticketRows(reservation));",
        instead: "void hadTickets;",
      },
    ],
    foundBy: ["projections"],
    seedsMax: 100,
  },
];
