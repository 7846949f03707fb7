/** Owns one simulated world: what a seed means, made of the product's own code and of nothing real. */

import { assert, present } from "../../../actors/assert.ts";
import { type FlightId, shardOf } from "../../../actors/domain/ids.ts";
import type { FlightPlan } from "../../../actors/domain/plan.ts";
import { DEFAULT_RULES, type Rules } from "../../../actors/domain/rules.ts";
import type { HostLimits } from "../../../actors/limits.ts";
import { givenPlan } from "../../support/given.ts";
import { Hub } from "../bus/hub.ts";
import { Checks } from "../checks/checks.ts";
import { FlightModel } from "../checks/flight-model.ts";
import { History } from "../checks/history.ts";
import { JournalReader } from "../checks/journal-reader.ts";
import { RoomChecks } from "../checks/room-checks.ts";
import { Edge } from "../cluster/edge.ts";
import { Host } from "../cluster/host.ts";
import { Worker } from "../cluster/worker.ts";
import { Server } from "../database/server.ts";
import { Bank } from "../payments/bank.ts";
import { MERCHANT } from "../payments/simulated-provider.ts";
import { RoomServer } from "../room/room-server.ts";
import { addFlight } from "./catalogue.ts";
import { EventLoop } from "./event-loop.ts";
import { type Check, Findings } from "./findings.ts";
import { type Plan, planOf } from "./plan.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";

export type Node = Host | Edge | Worker;

/** What every clock says at the beginning, more or less. */
export const EPOCH_MS = Date.UTC(2030, 0, 1);

export interface WorldOptions {
  /** Is given the trace, line by line. @default nobody reads it */
  readonly write?: ((line: string) => void) | null;
  /** Checks that are known to be broken by what is tried. @default none */
  readonly excused?: readonly Check[];
}

export class World {
  readonly random: Random;
  readonly plan: Plan;
  readonly loop = new EventLoop();
  readonly findings: Findings;
  readonly trace: Trace;
  readonly server: Server;
  readonly hub: Hub;
  readonly checks: Checks;
  readonly history = new History(() => this.loop.nowMs);
  readonly bank: Bank;
  readonly reader: JournalReader;
  readonly rooms: RoomServer;
  readonly roomChecks: RoomChecks;
  readonly rules: Rules;
  readonly limits: Partial<HostLimits>;
  readonly clocks: { readonly driftMax: number; readonly wallSkewMsMax: number };
  readonly flights: readonly FlightPlan[];
  readonly models = new Map<FlightId, FlightModel>();
  /** Every process that was ever started, the latest start of each name. */
  readonly nodes = new Map<string, Node>();
  readonly #starts = new Map<string, number>();
  /** Passes that were given to anybody: some show one that is not theirs, or of before. */
  readonly passes: string[] = [];
  faults = 0;
  /** The clock by which holds end has jumped. */
  hasClockJumped = false;

  constructor(seed: number, { write = null, excused = [] }: WorldOptions) {
    this.findings = new Findings(() => this.loop.nowMs, excused);
    this.random = new Random(seed);
    this.plan = planOf(this.random.fork("plan"));
    this.trace = new Trace(this.loop, write);
    const { plan, trace, loop } = this;
    const { holdTtlMs, paymentTtlMs, keysPerMember } = plan;
    this.rules = { ...DEFAULT_RULES, holdTtlMs, paymentTtlMs, keysPerMember, seatsPerMember: 3 };
    const { idleMs, batchEndedRowsMax, mailboxMax, snapshotTurns: snapshotTurnsMin } = plan;
    const idleFlightsMax = idleMs < 10_000 ? 0 : 16;
    const snapshots = { snapshotTurnsMin, snapshotTurnsPerItem: 0 };
    this.limits = { idleMs, idleFlightsMax, batchEndedRowsMax, mailboxMax, ...snapshots };
    this.clocks = plan;
    this.flights = Array.from({ length: plan.flights }, (_, at) =>
      givenPlan({
        flightId: `PG-${101 + at}-20300131-ICN`,
        cabins: [{ cabin: "Y", rows: plan.rows, columns: plan.columns }],
      }),
    );
    this.server = new Server({
      loop,
      random: this.random.fork("database"),
      epochMs: EPOCH_MS,
      note: (what) => trace.note("database", what),
      shards: [...new Set(this.flights.map(({ flightId }) => shardOf(flightId)))],
    });
    this.hub = new Hub(loop, this.random.fork("bus"), (what) => trace.note("bus", what));
    this.bank = new Bank(this);
    this.reader = new JournalReader(this.findings);
    this.roomChecks = new RoomChecks(this.findings, trace, this.server, () => loop.nowMs);
    this.rooms = new RoomServer(loop, trace, this.roomChecks);
    const numbers = new Set<string>();
    for (const flight of this.flights) {
      addFlight(this.server.tables, flight);
      const rules = { ...this.rules, mayClose: plan.room !== null && flight === this.flights[0] };
      this.models.set(flight.flightId, new FlightModel(flight, rules, this.findings, this.#money(), numbers));
    }
    this.checks = new Checks(this.server, this.hub, this.models, this.findings, trace);
    this.checks.hasClockJumped = () => this.hasClockJumped;
  }

  /** Starts everybody. */
  start(): void {
    const { hosts, edges, workers } = this.plan;
    for (let number = 1; number <= hosts; number++) this.startNode(`host-${number}`);
    for (let number = 1; number <= edges; number++) this.startNode(`edge-${number}`);
    for (let number = 1; number <= workers; number++) this.startNode(`worker-${number}`);
  }

  /** Starts a process, anew if it was there before. */
  startNode(name: string): Node {
    const start = (this.#starts.get(name) ?? 0) + 1;
    this.#starts.set(name, start);
    const machine = start === 1 ? name : `${name}.${start}`;
    this.trace.note(machine, "starts");
    const [kind] = name.split("-");
    const node =
      kind === "host"
        ? new Host(this, name, machine)
        : kind === "edge"
          ? new Edge(this, machine)
          : new Worker(this, machine);
    assert(!(this.nodes.get(name)?.machine.isRunning ?? false), `${name} runs once`);
    this.nodes.set(name, node);
    return node;
  }

  /** Names of processes of one kind. */
  names(kind: Node["kind"]): string[] {
    return [...this.nodes.keys()].filter((name) => name.startsWith(kind));
  }

  node(name: string): Node {
    return present(this.nodes.get(name), () => `a process ${name}`);
  }

  /** One of those that take requests; null when there is none. */
  someEdge(random: Random): Edge | null {
    const ready = [...this.nodes.values()].filter((node): node is Edge => node.kind === "edge" && node.isReady);
    return ready.length === 0 ? null : random.pick(ready);
  }

  #money() {
    const find = (attempt: string) => this.bank.server.find(attempt);
    return {
      isCaptured: (attempt: string, amount: number): boolean => {
        const payment = find(attempt);
        return payment?.status === "CAPTURED" && payment.amount.amount === amount;
      },
      isRefunded: (attempt: string): boolean => {
        const payment = find(attempt);
        return payment !== null && payment.refundedAmount === payment.amount.amount;
      },
      isOurs: (attempt: string): boolean => {
        const payment = find(attempt);
        return payment?.merchant === MERCHANT && payment.refundedAmount === 0;
      },
      isEnded: (attempt: string): boolean => (find(attempt)?.status ?? "PENDING") !== "PENDING",
    };
  }
}
