/** Owns waiting rooms of the tests: several processes over one store, one database and one bus, with a real flight, under a clock that stands still. */

import type { Clock } from "../../actors/clock.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { silent } from "../../actors/telemetry.ts";
import { RoomStateStore } from "../../db/stores/room-state.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { type Beacon, noBeacon } from "../../queue/room/beacon/beacon.ts";
import { MemoryRoomStore } from "../../queue/room/memory/memory-room-store.ts";
import { openRooms, type WaitingRooms } from "../../queue/room/open-rooms.ts";
import type { RoomChange } from "../../queue/room/room.ts";
import type { Entering } from "../../queue/room/room-door.ts";
import type { RoomStore } from "../../queue/room/room-store.ts";
import { FakeClock } from "./fake-clock.ts";
import { FLIGHT_ID, givenPlan } from "./given.ts";
import { type GivenHost, givenHost } from "./given-host.ts";
import { until } from "./until.ts";

export const ROOM_KEY = new Uint8Array(32).fill(5);

export interface GivenRoomsOptions {
  /** The store of each process. @default one in memory for all */
  readonly storeOf?: (edge: number) => RoomStore;
  /** How many processes there are. @default 1 */
  readonly edges?: number;
  /** By how much the clock of each process is ahead, in milliseconds. @default by nothing */
  readonly aheadMs?: readonly number[];
  readonly beacon?: (clock: FakeClock) => Beacon;
  readonly telemetry?: Telemetry;
}

/** One of the processes. */
export interface GivenEdge extends WaitingRooms {
  /** How often it has looked at all rooms. */
  looks: number;
  isKilled: boolean;
}

export class GivenRooms {
  readonly flightId = FLIGHT_ID;
  readonly clock: FakeClock;
  readonly host: GivenHost;
  readonly book: RoomStateStore;
  readonly edges: GivenEdge[] = [];
  readonly #options: GivenRoomsOptions;
  readonly #memory = new MemoryRoomStore();

  private constructor(clock: FakeClock, host: GivenHost, options: GivenRoomsOptions) {
    this.clock = clock;
    this.host = host;
    this.book = new RoomStateStore(host.db);
    this.#options = options;
  }

  static async open(options: GivenRoomsOptions = {}): Promise<GivenRooms> {
    const clock = new FakeClock();
    const host = await givenHost({ clock, plans: [givenPlan()] });
    const given = new GivenRooms(clock, host, options);
    for (let edge = 0; edge < (options.edges ?? 1); edge++) await given.start();
    return given;
  }

  /** Starts one more process. */
  async start(): Promise<GivenEdge> {
    const number = this.edges.length;
    const { bus, client: flights } = this.host;
    const parts = openRooms({
      store: this.#options.storeOf?.(number) ?? this.#memory,
      book: this.book,
      beacon: this.#options.beacon?.(this.clock) ?? noBeacon,
      key: ROOM_KEY,
      bus,
      flights,
      clock: aheadBy(this.#options.aheadMs?.[number] ?? 0, this.clock),
      entropy: systemEntropy(),
      telemetry: this.#options.telemetry ?? silent,
      holder: `edge ${number}`,
    });
    const edge: GivenEdge = Object.assign(parts, { looks: 0, isKilled: false });
    edge.rooms.onLook(() => {
      edge.looks += 1;
    });
    await edge.start();
    await edge.pacer.idle();
    this.edges.push(edge);
    return edge;
  }

  /** The first of those that live. */
  get edge(): GivenEdge {
    const living = this.edges.find(({ isKilled }) => !isKilled);
    if (living === undefined) throw new Error("a process lives");
    return living;
  }

  /** The one that paces. */
  get leader(): GivenEdge {
    const leader = this.edges.find(({ isKilled, pacer }) => !isKilled && pacer.isLeading);
    if (leader === undefined) throw new Error("somebody paces");
    return leader;
  }

  /** Ends a process without a word: its lease stays, and nothing of it is finished. */
  async kill(edge: GivenEdge): Promise<void> {
    edge.isKilled = true;
    // Its timers and hearers end with it.
    await edge.rooms.stop();
    await edge.pacer.idle();
  }

  async change(change: RoomChange): Promise<void> {
    const changing = await this.edge.operator.change(this.flightId, change);
    if (!changing.ok) throw new Error(`${changing.field} ${changing.why}`);
    await until(
      () =>
        this.#living().every(({ rooms }) => rooms.get(this.flightId)?.room.changedAtMs === changing.room.changedAtMs),
      "the change on every edge",
    );
  }

  /** Lets seconds pass: each process looks at its rooms in each, and the pacer decides. */
  async seconds(count = 1): Promise<void> {
    for (let second = 0; second < count; second++) {
      const before = this.#living().map(({ looks }) => looks);
      this.clock.advance(1_000);
      await until(() => this.#living().every(({ looks }, at) => looks > (before[at] ?? 0)), "a look of every process");
      for (const { pacer } of this.#living()) await pacer.idle();
    }
  }

  async join(member: string, ticket: string | null = null, edge: GivenEdge = this.edge) {
    const joining = await edge.door.join(this.flightId, member, ticket);
    if (joining.kind !== "place") throw new Error(`no place, but ${joining.kind}`);
    return joining;
  }

  enter(member: string, ticket: string, edge: GivenEdge = this.edge): Promise<Entering> {
    return edge.door.enter(this.flightId, member, ticket);
  }

  /** A member holds a seat. @returns the reservation */
  async hold(member: string): Promise<string> {
    const ask = { member, key: crypto.randomUUID(), fingerprint: "", flightId: this.flightId };
    const args = { passengers: [{ name: "Kim", type: "ADT" as const }] };
    const { reply } = await this.host.client.call({ ...ask, op: "hold", args });
    if (!reply.ok || reply.result.kind !== "reservation")
      throw new Error(`no reservation, but ${JSON.stringify(reply)}`);
    return reply.result.reservation.id;
  }

  /** A member gives a reservation up, and their visit is over. */
  async release(member: string, reservationId: string): Promise<void> {
    const ask = { member, key: crypto.randomUUID(), fingerprint: "", flightId: this.flightId };
    await this.host.client.call({ ...ask, op: "release", args: { reservationId } });
    await this.depart();
  }

  /** Hands all that the flight's journal has to whoever ends visits. */
  async depart(): Promise<void> {
    const { db } = this.host;
    const rows = await db.read.selectFrom("journal").select(["version", "turns"]).orderBy("version").execute();
    for (const { version, turns } of rows) {
      await this.edge.departures.handle(this.flightId, { version, entry: { schema: 1, turns: JSON.parse(turns) } });
    }
  }

  async close(): Promise<void> {
    for (const edge of this.#living()) await edge.stop();
    await this.host.stop();
  }

  #living(): GivenEdge[] {
    return this.edges.filter(({ isKilled }) => !isKilled);
  }
}

function aheadBy(ms: number, clock: Clock): Clock {
  return {
    nowMs: () => clock.nowMs() + ms,
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, call) => clock.after(delayMs, call),
    soon: (call) => clock.soon(call),
  };
}
