/** Owns hosts that share shards in a simulated world: one clock, one database, one bus, and every fault that can be thought of. */

import { assert, present } from "../../actors/assert.ts";
import { ClusterClock } from "../../actors/cluster-clock.ts";
import { SHARDS } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { HostOwnership } from "../../actors/ownership/ownership.ts";
import { desiredOwner } from "../../actors/ownership/rendezvous.ts";
import type { ServingHost } from "../../actors/ownership/tenancy.ts";
import type { ClusterShards, Ownership } from "../../actors/shards.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryShards } from "./memory-shards.ts";
import { RecordingTelemetry } from "./recording-telemetry.ts";
import { type SimulatedBus, SimulatedHub } from "./simulated-bus.ts";
import { type Line, SimulatedProcess } from "./simulated-process.ts";

export const ALL_SHARD_NUMBERS = Array.from({ length: SHARDS }, (_, shard) => shard);

/** How long a host of the model takes to finish what a shard has taken, in milliseconds. */
const FINISH_MS = 8;

/** Serves nothing, and remembers what it would serve. */
export class ModelHost implements ServingHost {
  readonly incarnation: string;
  readonly served = new Map<number, number>();
  readonly flightsLoaded = 0;
  readonly commandsWaiting = 0;
  readonly mailboxFullness = 0;
  readonly laneBusyMs = 0;
  hasLease = () => true;
  /** How often it was to say again what may not have been heard. */
  announced = 0;
  readonly #node: GivenNode;

  constructor(incarnation: string, node: GivenNode) {
    this.incarnation = incarnation;
    this.#node = node;
  }

  async take(owned: Ownership): Promise<void> {
    for (const [shard, epoch] of owned) {
      if (this.served.has(shard)) throw new Error(`shard ${shard} is taken twice`);
      this.served.set(shard, epoch);
    }
  }

  async give(shards: readonly number[]): Promise<void> {
    await new Promise<void>((resolve) => this.#node.process.clock.after(FINISH_MS, resolve));
    for (const shard of shards) this.served.delete(shard);
  }

  async abandon(): Promise<void> {
    this.served.clear();
  }

  async stop(): Promise<void> {
    this.served.clear();
  }

  announce(): void {
    this.announced += 1;
  }
}

export interface NodeOptions {
  readonly weight?: number;
  /** @default a {@link ModelHost} */
  readonly makeHost?: (incarnation: string, node: GivenNode) => ServingHost;
}

/** One process that owns shards. */
export class GivenNode {
  readonly name: string;
  readonly weight: number;
  readonly process: SimulatedProcess;
  readonly bus: SimulatedBus;
  readonly database: Line;
  readonly telemetry = new RecordingTelemetry();
  readonly ownership: HostOwnership;
  readonly clock: ClusterClock;
  /** The host of the present start, when it is a model. */
  model: ModelHost | null = null;
  isStopped = false;

  private constructor(
    world: GivenWorld,
    name: string,
    process: SimulatedProcess,
    clock: ClusterClock,
    given: NodeOptions,
  ) {
    this.name = name;
    this.weight = given.weight ?? 1;
    this.process = process;
    this.clock = clock;
    this.bus = world.hub.connect(process);
    this.database = process.line(() => world.wayMs());
    this.ownership = new HostOwnership({
      shards: shardsOver(this.database, world.shards),
      bus: this.bus,
      clock,
      entropy: world.entropy,
      telemetry: this.telemetry,
      hostId: name,
      weight: this.weight,
      makeHost: (incarnation) => {
        if (given.makeHost !== undefined) return given.makeHost(incarnation, this);
        this.model = new ModelHost(incarnation, this);
        return this.model;
      },
    });
  }

  static async make(world: GivenWorld, name: string, given: NodeOptions): Promise<GivenNode> {
    const process = new SimulatedProcess(world.clock);
    const telemetry = new RecordingTelemetry();
    const clock = await ClusterClock.set(process.clock, telemetry, () => world.shards.nowMs());
    return new GivenNode(world, name, process, clock, given);
  }

  get isRunning(): boolean {
    return !this.isStopped && !this.process.isDead;
  }

  get incarnation(): string {
    return present(this.ownership.incarnation, "a node that was started");
  }

  async stop(): Promise<void> {
    await this.ownership.stop();
    this.isStopped = true;
  }
}

export class GivenWorld {
  readonly clock = new FakeClock();
  /** How far the database's clock is from the world's, in milliseconds. */
  databaseAheadMs = 0;
  readonly shards: MemoryShards;
  readonly hub = new SimulatedHub(this.clock);
  readonly nodes: GivenNode[] = [];
  readonly entropy: Entropy;
  /** Called after everything that happens: to look whether it may be. */
  readonly watchers: (() => void)[] = [];
  /** How long a message between a process and the database takes, in milliseconds. */
  wayMs: () => number = () => 1;
  readonly #servedAtMs = new Map<number, number>();
  #gapMs = 0;
  #ids = 0;

  constructor() {
    this.shards = new MemoryShards({ nowMs: () => this.clock.nowMs() + this.databaseAheadMs });
    this.entropy = {
      uuid: () => `start-${String(++this.#ids).padStart(4, "0")}`,
      bytes: (length) => new Uint8Array(length),
      fraction: () => 0.5,
    };
  }

  /** A node that begins to start. */
  async start(name: string, given: NodeOptions = {}): Promise<GivenNode> {
    const node = await GivenNode.make(this, name, given);
    this.nodes.push(node);
    node.ownership.start().catch((cause: unknown) => {
      throw new Error(`${name} did not start: ${String(cause)}`);
    });
    return node;
  }

  /** Lets so much time pass, and everything happen that comes of it. */
  async run(ms: number): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    for (;;) {
      await settled();
      for (const watch of this.watchers) watch();
      const nextMs = this.clock.nextDueMs;
      if (nextMs === null || nextMs > untilMs) break;
      this.clock.advance(Math.max(0, nextMs - this.clock.nowMs()));
    }
    this.clock.advance(untilMs - this.clock.nowMs());
  }

  /** Lets time pass until it is so. @returns how long that took, in milliseconds */
  async until(condition: () => boolean, what: string, msMax: number): Promise<number> {
    const startedMs = this.clock.nowMs();
    while (!condition()) {
      const passedMs = this.clock.nowMs() - startedMs;
      if (passedMs >= msMax) throw new Error(`never came within ${msMax} ms: ${what}`);
      await this.run(1);
    }
    return this.clock.nowMs() - startedMs;
  }

  /** From now on, how long a shard was served by nobody. */
  measureGaps(): void {
    this.#gapMs = 0;
    for (const shard of ALL_SHARD_NUMBERS) this.#servedAtMs.set(shard, this.clock.nowMs());
    this.watchers.push(() => {
      const nowMs = this.clock.nowMs();
      for (const node of this.nodes) {
        if (node.isRunning) for (const shard of this.#servedOf(node)) this.#servedAtMs.set(shard, nowMs);
      }
      for (const atMs of this.#servedAtMs.values()) this.#gapMs = Math.max(this.#gapMs, nowMs - atMs);
    });
  }

  /** Looks at every moment that epochs rise strictly, and that whoever serves a shard owns it or was fenced (I1). */
  watchOwners(): void {
    const last = ALL_SHARD_NUMBERS.map((shard) => this.shards.row(shard));
    this.watchers.push(() => {
      for (const shard of ALL_SHARD_NUMBERS) {
        const before = last[shard];
        if (before !== undefined && this.shards.isOwned(shard, before.owner, before.epoch)) continue;
        const now = this.shards.row(shard);
        assert((before?.epoch ?? 0) < now.epoch, `shard ${shard}: epochs rise strictly`);
        last[shard] = now;
      }
      for (const { model, process } of this.nodes) {
        if (model === null || process.isDead || this.shards.isFenced(model.incarnation)) continue;
        for (const [shard, epoch] of model.served) {
          assert(this.shards.isOwned(shard, model.incarnation, epoch), () => {
            const row = this.shards.row(shard);
            return `shard ${shard}: ${model.incarnation} serves epoch ${epoch} unfenced, ${row.owner} owns ${row.epoch}`;
          });
        }
      }
    });
  }

  /** The longest time that one shard was served by nobody, in milliseconds. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** Shards that nobody serves now. */
  get unserved(): number {
    return SHARDS - this.#served().size;
  }

  #served(): ReadonlySet<number> {
    return new Set(this.nodes.filter(({ isRunning }) => isRunning).flatMap((node) => this.#servedOf(node)));
  }

  /** By name, how many shards each running node serves under an epoch that is the shard's. */
  shares(): Record<string, number> {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    return Object.fromEntries(running.map((node) => [node.name, this.#servedOf(node).length]));
  }

  #servedOf({ model, process, bus }: GivenNode): number[] {
    if (model === null || process.isPaused || !bus.isConnected) return [];
    const served: number[] = [];
    for (const [shard, epoch] of model.served) {
      if (this.shards.isOwned(shard, model.incarnation, epoch)) served.push(shard);
    }
    return served;
  }

  /** Whether every shard is served by the one that should own it. */
  isSettled(): boolean {
    const running = this.nodes.filter(({ isRunning, ownership }) => isRunning && ownership.incarnation !== null);
    const candidates = running.map(({ name, incarnation, weight }) => ({ hostId: name, incarnation, weight }));
    return ALL_SHARD_NUMBERS.every((shard) => {
      const { epoch, owner } = this.shards.row(shard);
      const node = running.find(({ incarnation }) => incarnation === owner);
      return owner === desiredOwner(shard, candidates) && node?.model?.served.get(shard) === epoch;
    });
  }
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
}

/** The store as a process reaches it. */
function shardsOver(line: Line, shards: ClusterShards): ClusterShards {
  return {
    register: (host, hasBus) => line.call(() => shards.register(host, hasBus)),
    beat: (incarnation, hasBus) => line.call(() => shards.beat(incarnation, hasBus)),
    view: () => line.call(() => shards.view()),
    claim: (wanted, incarnation) => line.call(() => shards.claim(wanted, incarnation)),
    disown: (gone, incarnation) => line.call(() => shards.disown(gone, incarnation)),
    release: (given, incarnation) => line.call(() => shards.release(given, incarnation)),
    withdraw: (incarnation) => line.call(() => shards.withdraw(incarnation)),
    leave: (incarnation) => line.call(() => shards.leave(incarnation)),
    nowMs: () => line.call(() => shards.nowMs()),
  };
}
