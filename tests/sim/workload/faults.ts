/** Owns what goes wrong, and when: every fault comes by its own dice, and ends; at last all of them do. */

import type { Host } from "../cluster/host.ts";
import type { Random } from "../world/random.ts";
import type { Node, World } from "../world/world.ts";

const HOUR_MS = 3_600_000;

/** Hosts look each quarter of a second what there is to take over. */
const TAKEN_MS_MAX = 250;

const NOT_HOSTS: readonly Node["kind"][] = ["edge", "worker"];
const HOSTS_MOSTLY: readonly Node["kind"][] = ["host", "host", "host", "edge", "worker"];

export class Faults {
  readonly #world: World;
  readonly #random: Random;
  /** What is to be undone when everything is to be well again. */
  readonly #ongoing = new Set<() => void>();
  /** By machine, what ends when somebody takes over from it. */
  readonly #whenTaken = new Map<string, () => void>();
  #aheadMsMax: number;
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#aheadMsMax = world.server.aheadMs;
    this.#random = world.random.fork("faults");
  }

  begin(): void {
    const { plan, hub, server, bank, checks, rooms } = this.#world;
    const { faults } = plan;
    Object.assign(hub.temper, plan.bus);
    Object.assign(server.temper, { commitMs: 0.5, stallMsMax: 6_000 }, plan.database);
    bank.isCalm = false;
    checks.committed.onLoss = (owner) => this.#taken(owner);
    checks.onCommit = (machine) => {
      if (!this.#isOver && faults.atCommitChance > 0 && this.#random.chance(faults.atCommitChance))
        this.#atCommit(machine);
    };
    rooms.onRaise = (name) => {
      if (!this.#isOver && faults.atRaiseChance > 0 && this.#random.chance(faults.atRaiseChance)) this.#atRaise(name);
    };
    this.#each(faults.pauseHost, () => this.#pause(this.#someNode("host")));
    this.#each(faults.killHost, () => this.#kill(this.#someNode("host")));
    this.#each(faults.deployHost, () => this.#deploy());
    this.#each(faults.pauseOther, () => this.#pause(this.#someNode(this.#random.pick(NOT_HOSTS))));
    this.#each(faults.killOther, () => this.#kill(this.#someNode(this.#random.pick(NOT_HOSTS))));
    this.#each(faults.isolateHost, () => this.#isolate());
    this.#each(faults.cutBus, () => this.#cutBus());
    this.#each(faults.cutDatabase, () => this.#cutDatabase(this.#someNode(this.#random.pick(HOSTS_MOSTLY))));
    this.#each(faults.resetSessions, () => this.#resetSessions(this.#someNode(this.#random.pick(HOSTS_MOSTLY))));
    this.#each(faults.crashBus, () => this.#crash("bus"));
    this.#each(faults.crashDatabase, () => this.#crash("database"));
    this.#each(faults.loseRooms, () => this.#loseRooms());
    this.#each(faults.crashRooms, () => this.#crash("rooms"));
    this.#each(faults.cutRooms, () => this.#cutRooms());
    this.#each(faults.jumpClock, () => this.#jumpClock());
    this.#each(faults.jumpDatabaseClock, () => this.#jumpDatabaseClock());
  }

  /** Everything is well from now on. */
  end(): void {
    const { hub, server, bank, reader, nodes, trace } = this.#world;
    trace.note("world", "nothing goes wrong any more");
    // Whoever believed a clock that was ahead waits for it: processes never let their time run backwards.
    server.aheadMs = this.#aheadMsMax;
    this.#isOver = true;
    Object.assign(hub.temper, { dropChance: 0, doubleChance: 0, detourChance: 0 });
    Object.assign(server.temper, { stallChance: 0, deadlockChance: 0 });
    bank.isCalm = true;
    reader.isCalm = true;
    for (const undo of [...this.#ongoing]) undo();
    for (const [name, node] of nodes) if (!node.machine.isRunning) this.#world.startNode(name);
    this.#loseOne();
  }

  /** One host is gone for good. */
  #loseOne(): void {
    const { plan, trace } = this.#world;
    const some = plan.staysAway === null ? null : this.#someNode("host");
    if (some === null) return;
    const { machine } = some.node;
    trace.note(machine.name, `! stays ${plan.staysAway}`);
    if (plan.staysAway === "dead") machine.kill();
    else if (plan.staysAway === "paused") machine.process.pause();
    else if (plan.staysAway === "cut from the bus") machine.bus.cut();
    else machine.databaseLink.cut();
  }

  #each(meanMs: number | null, happen: () => void): void {
    if (meanMs === null) return;
    this.#world.loop.after(this.#random.wait(meanMs), () => {
      if (this.#isOver) return;
      happen();
      this.#each(meanMs, happen);
    });
  }

  /** Begins something that ends by itself, or with everything. @returns ends it sooner */
  #lasting(ms: number, what: string, who: string, undo: () => void): () => void {
    const { trace, loop } = this.#world;
    this.#world.faults += 1;
    trace.note(who, `! ${what} for ${Math.round(ms)} ms`);
    const end = (): void => {
      if (!this.#ongoing.delete(end)) return;
      trace.note(who, `! no longer ${what}`);
      undo();
    };
    this.#ongoing.add(end);
    loop.after(ms, end);
    return end;
  }

  /** Something happens while a commit is on its way. */
  #atCommit(name: string): void {
    const some = this.#nodeOf(name);
    if (some === null) return;
    this.#world.loop.after(this.#random.between(0, 3), () => {
      if (this.#isOver || !some.node.machine.isRunning || some.node.machine.process.isPaused) return;
      const dice = this.#random.fraction();
      if (dice < 0.45) this.#pause(some);
      else if (dice < 0.7) this.#cutDatabase(some);
      else if (dice < 0.9) this.#resetSessions(some);
      else this.#kill(some);
    });
  }

  /** Who decides is held up, and somebody else decides meanwhile. */
  #atRaise(name: string): void {
    const some = this.#nodeOf(name);
    if (some === null || some.node.machine.process.isPaused || some.node.machine.roomLink.isCut) return;
    const { roomLink } = some.node.machine;
    if (this.#random.chance(0.5)) {
      this.#pause(some);
      return;
    }
    roomLink.cut();
    this.#lasting(this.#random.between(1_000, 9_000), "cut from the rooms", name, () => roomLink.heal());
  }

  #nodeOf(machine: string): { readonly name: string; readonly node: Node } | null {
    for (const [name, node] of this.#world.nodes) if (node.machine.name === machine) return { name, node };
    return null;
  }

  /** Those who own flights more often than others. */
  #someNode(kind: Node["kind"]): { readonly name: string; readonly node: Node } | null {
    const running = this.#world.names(kind).filter((name) => {
      const node = this.#world.node(name);
      return node.machine.isRunning && !node.machine.process.isPaused && !isGone(node);
    });
    if (running.length === 0) return null;
    const busy = running.filter((each) => {
      const node = this.#world.node(each);
      return node.kind === "host" && (node.ownership?.size ?? 0) > 0;
    });
    const name = this.#random.pick(busy.length > 0 && this.#random.chance(0.7) ? busy : running);
    return { name, node: this.#world.node(name) };
  }

  #pause(some: { readonly node: Node } | null): void {
    if (some === null) return;
    const { process, name } = some.node.machine;
    const ms = this.#random.chance(0.5) ? this.#random.between(50, 1_500) : this.#random.between(1_500, 12_000);
    process.pause();
    this.#untilTaken(
      some.node,
      this.#lasting(ms, "paused", name, () => process.resume()),
    );
  }

  /** Some come back as soon as somebody takes over from them, while that is half done. */
  #untilTaken({ kind, machine }: Node, end: () => void): void {
    if (kind === "host" && this.#random.chance(0.5)) this.#whenTaken.set(machine.name, end);
  }

  #taken(owner: string): void {
    const name = owner.slice(0, owner.lastIndexOf("-"));
    const end = this.#whenTaken.get(name);
    if (end === undefined) return;
    this.#whenTaken.delete(name);
    this.#world.loop.after(this.#random.between(0, TAKEN_MS_MAX), end);
  }

  #kill(some: { readonly name: string; readonly node: Node } | null): void {
    if (some === null) return;
    const { name, node } = some;
    node.machine.kill();
    this.#lasting(this.#random.between(200, 10_000), "dead", node.machine.name, () => {
      if (!this.#world.node(name).machine.isRunning) this.#world.startNode(name);
    });
  }

  /** Stops a host in order, and starts it anew. */
  #deploy(): void {
    const some = this.#someNode("host");
    if (some === null) return;
    const { name } = some;
    const host = some.node as Host;
    if (host.ownership === null) return;
    this.#world.faults += 1;
    this.#world.trace.note(host.machine.name, "! is stopped in order");
    void host.stop().then(() => {
      if (!host.machine.isRunning) return;
      host.machine.kill();
      this.#world.loop.after(this.#random.between(100, 2_000), () => {
        if (this.#world.node(name) === host) this.#world.startNode(name);
      });
    });
  }

  #cutBus(): void {
    const some = this.#someNode(this.#random.pick(HOSTS_MOSTLY));
    if (some === null) return;
    const { bus, busLink, name } = some.node.machine;
    if (busLink.isCut) return;
    bus.cut();
    this.#lasting(this.#random.between(100, 12_000), "cut from the bus", name, () => bus.heal());
  }

  /** First without the bus, then without the database, and back in any order: what it is told of its loss comes late. */
  #isolate(): void {
    const some = this.#someNode("host");
    if (some === null) return;
    const { bus, busLink, databaseLink, name } = some.node.machine;
    if (busLink.isCut || databaseLink.isCut) return;
    bus.cut();
    // It tells of the lost bus after two seconds, the others take over after five to six, and its lease lasts five from what it heard last.
    this.#lasting(this.#random.between(2_500, 7_500), "cut from the bus", name, () => bus.heal());
    this.#world.loop.after(this.#random.between(2_400, 5_200), () => {
      if (this.#isOver || databaseLink.isCut) return;
      databaseLink.cut();
      this.#lasting(this.#random.between(4_000, 9_000), "cut from the database", name, () => databaseLink.heal());
    });
  }

  #cutDatabase(some: { readonly node: Node } | null): void {
    if (some === null) return;
    const { databaseLink, name } = some.node.machine;
    if (databaseLink.isCut) return;
    databaseLink.cut();
    const ms = this.#random.between(100, 12_000);
    this.#untilTaken(
      some.node,
      this.#lasting(ms, "cut from the database", name, () => databaseLink.heal()),
    );
  }

  #resetSessions(some: { readonly node: Node } | null): void {
    if (some === null) return;
    const { sessions, name } = some.node.machine;
    this.#world.faults += 1;
    if (this.#random.chance(0.5)) {
      this.#world.trace.note(name, "! its connections to the database are reset");
      for (const session of [...sessions]) session.reset();
    } else {
      this.#world.trace.note(name, "! its connections are killed by the database");
      this.#world.server.killSessionsOf(name);
    }
  }

  #crash(what: "bus" | "database" | "rooms"): void {
    const { hub, server, rooms } = this.#world;
    const crashing = what === "bus" ? hub : what === "database" ? server : rooms;
    if (crashing.isDown) return;
    crashing.crash();
    this.#lasting(this.#random.between(200, 8_000), "down", what, () => crashing.rise());
  }

  #loseRooms(): void {
    this.#world.faults += 1;
    this.#world.trace.note("rooms", "! lose everything");
    this.#world.rooms.lose();
  }

  #cutRooms(): void {
    const some = this.#someNode(this.#random.pick(NOT_HOSTS));
    if (some === null) return;
    const { roomLink, name } = some.node.machine;
    if (roomLink.isCut) return;
    roomLink.cut();
    this.#lasting(this.#random.between(200, 8_000), "cut from the rooms", name, () => roomLink.heal());
  }

  #jumpClock(): void {
    const some = this.#someNode(this.#random.pick(HOSTS_MOSTLY));
    if (some === null) return;
    const ms = this.#random.between(-HOUR_MS, HOUR_MS);
    this.#world.faults += 1;
    this.#world.trace.note(some.node.machine.name, `! its wall clock is set by ${Math.round(ms)} ms`);
    some.node.machine.process.setClockForward(ms);
  }

  #jumpDatabaseClock(): void {
    const ms = this.#random.between(-HOUR_MS, HOUR_MS);
    this.#world.faults += 1;
    this.#world.hasClockJumped = true;
    this.#world.trace.note("database", `! its clock is set by ${Math.round(ms)} ms`);
    const { server } = this.#world;
    server.aheadMs += ms;
    this.#aheadMsMax = Math.max(this.#aheadMsMax, server.aheadMs);
  }
}

/** Stopped in order, or about to be. */
function isGone(node: Node): boolean {
  return node.kind === "host" && node.isStopping;
}
