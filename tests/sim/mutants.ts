/** Owns the mutants: faults that are put into copies of the product's own modules, each of which the simulator must find. */

import type { Check } from "./world/findings.ts";

interface Edit {
  readonly file: string;
  readonly snippet: string;
  readonly instead: string;
}

export interface Mutant {
  readonly name: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** By one of these it must be found. */
  readonly foundBy: readonly Check[];
  /** Checks that find only what was done to let the fault show. @default none */
  readonly excused?: readonly Check[];
  /** Within so many seeds, from 1 on. */
  readonly seedsMax: number;
}

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

const KEEPS_FLIGHTS: Edit = {
  file: "actors/flight-host.ts",
  snippet: "for (const actor of await this.#close(shards)) this.#forget(actor);",
  instead: "await this.#close(shards);",
};

const ACKNOWLEDGES_FIRST: Edit = {
  file: LANE,
  snippet: "const outcome = await this.#commit(batch);",
  instead:
    "for (const { mail, answer } of parts.flatMap(({ decided }) => decided)) mail.answer(answer);\n    const outcome = await this.#commit(batch);",
};

export const MUTANTS: readonly Mutant[] = [
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
    name: "refusals-not-kept",
    what: "a refusal is not kept under its key",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "const key = name === null || !isFinal(reply) ? null",
        instead: "const key = name === null || !reply.ok ? null",
      },
    ],
    foundBy: ["I4", "I5"],
    seedsMax: 100,
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
    name: "load-before-claim",
    what: "a host keeps flights of shards that it gave away, and goes on with them when it claims them again",
    edits: [KEEPS_FLIGHTS],
    foundBy: ["load after claim"],
    seedsMax: 400,
  },
  {
    name: "expiry-without-generation",
    what: "an old timer ends a newer hold",
    edits: [
      {
        file: "actors/domain/holds.ts",
        snippet: 'reservation.status === "HELD" && reservation.generation === generation',
        instead: 'reservation.status === "HELD"',
      },
    ],
    foundBy: ["assertion", "liveness"],
    seedsMax: 100,
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
    foundBy: ["liveness", "projections"],
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
    name: "over-by-memory-alone",
    what: "holds that are over are so in memory, and the journal does not say it",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "    events.push(event);",
        instead: '    events.push(event.type === "expired" ? { type: "expired", id: event.id } : event);',
      },
    ],
    foundBy: ["I7"],
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
  {
    name: "payment-not-asked-for",
    what: "a payment counts as captured because somebody hinted at it, without asking the provider",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet:
          "const found = isOver ? await this.#provider.cancel(payment.id) : await this.#provider.fetch(payment.id);",
        instead:
          'const found = isOver ? await this.#provider.cancel(payment.id) : ({ attempt: payment.id, merchant: this.#provider.merchant, status: "CAPTURED", amount: payment.amount, refundedAmount: 0, checkoutUrl: "" } as ProviderPayment);',
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "refund-without-key",
    what: "each try of a refund has a key of its own",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet: "const found = await this.#giveBack(payment, captured, key);",
        instead: "const found = await this.#giveBack(payment, captured, key + this.#entropy.uuid());",
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
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
    name: "key-of-all",
    what: "a key stands for the same in every member's hand",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "keyName(command.member, command.op, command.key)",
        instead: "keyName(null, command.op, command.key)",
      },
    ],
    foundBy: ["I4", "I5"],
    seedsMax: 100,
  },
  {
    name: "late-all-the-same",
    what: "a command is decided after its deadline",
    edits: [
      {
        file: "actors/domain/flight-logic.ts",
        snippet: "if (nowMs > command.deadlineMs)",
        instead: "if (nowMs > command.deadlineMs + 3_600_000)",
      },
    ],
    foundBy: ["I5"],
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
  {
    name: "over-unasked",
    what: "a payment is over at its deadline, and the provider goes on taking the money",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet:
          "const found = isOver ? await this.#provider.cancel(payment.id) : await this.#provider.fetch(payment.id);",
        instead:
          'const asked = await this.#provider.fetch(payment.id);\n    const found = isOver && asked?.status === "PENDING" ? ({ ...asked, status: "CANCELLED" } as ProviderPayment) : asked;',
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
  {
    name: "refunded-when-asked",
    what: "a refund counts as done as soon as it was asked for",
    edits: [
      {
        file: "queue/payments/settlement.ts",
        snippet: "if (found.refundedAmount < captured.amount) {",
        instead: "if (found.refundedAmount < 0) {",
      },
    ],
    foundBy: ["I8"],
    seedsMax: 100,
  },
];
