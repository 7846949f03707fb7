/** Owns a process to which people and the payment provider come, composed as `main.ts` does it. */

import { type FlightAnswer, type FlightClient, flightClient, type Request } from "../../../actors/client.ts";
import { keepTime } from "../../../actors/cluster-clock.ts";
import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import { OperationalError } from "../../../actors/errors.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { PaymentStore } from "../../../db/stores/payments.ts";
import { type AttemptToOpen, PaymentDesk } from "../../../queue/payments/payment-desk.ts";
import { Settlement } from "../../../queue/payments/settlement.ts";
import type { WaitingRooms } from "../../../queue/room/open-rooms.ts";
import type { RoomChange } from "../../../queue/room/room.ts";
import type { Entering, Joining } from "../../../queue/room/room-door.ts";
import { describeCommand, describeReply } from "../checks/checks.ts";
import { openRoomsOn } from "../room/open-room.ts";
import type { World } from "../world/world.ts";
import { Machine } from "./machine.ts";

/** How long a request may take in all, in milliseconds: as the setting of the product. */
export const REQUEST_MS_MAX = 10_000;

/** What somebody without a pass is told who was not answered before. */
const WITHOUT_PASS: ReadonlySet<string> = new Set(["ADMISSION_REQUIRED", "IDEMPOTENCY_KEY_REUSED"]);

export class Edge {
  readonly kind = "edge";
  readonly machine: Machine;
  #flights: FlightClient | null = null;
  #desk: PaymentDesk | null = null;
  #rooms: WaitingRooms | null = null;
  #nowMs: () => number = () => 0;

  constructor(world: World, name: string) {
    this.machine = new Machine(world, name);
    void this.#start();
  }

  get isReady(): boolean {
    return this.machine.isRunning && this.#flights !== null;
  }

  /** @throws OperationalError as a flight client, or UNAVAILABLE before the edge is ready */
  async ask(request: Request): Promise<FlightAnswer> {
    if (this.#flights === null) throw new OperationalError("UNAVAILABLE", "The edge has not started yet.");
    return this.#flights.call(request);
  }

  /**
   * A place in the flight's line, or why there is none; null where the flight has no room.
   * @throws OperationalError
   */
  async join(flightId: FlightId, member: MemberId, ticket: string | null): Promise<Joining> {
    return this.#waitingRooms().door.join(flightId, member, ticket);
  }

  /** @throws OperationalError */
  async enter(flightId: FlightId, member: MemberId, ticket: string): Promise<Entering> {
    return this.#waitingRooms().door.enter(flightId, member, ticket);
  }

  /** As {@link ask}, of somebody who needs a pass while the flight has a room. */
  async reserve(request: Request, member: MemberId, pass: string | null): Promise<FlightAnswer> {
    const known = this.#rooms?.rooms.get(request.flightId) ?? null;
    const admission = this.#rooms?.gate.admits(request.flightId, member, pass) ?? { admitted: true };
    if (admission.admitted && known !== null && known.room.mode !== "off")
      this.machine.world.roomChecks.letThrough(known.id, member, pass, this.#nowMs());
    if (admission.admitted) return this.ask(request);
    // Whoever has no pass is told what their key was answered, and nothing else.
    const answer = await this.ask({ ...request, replayOnly: true } as Request);
    const isOld = answer.isReplay || (!answer.reply.ok && WITHOUT_PASS.has(answer.reply.rejection.code));
    this.machine.world.findings.expect(isOld, "order of admission", () => {
      return `${member} has no pass, and asks for ${describeCommand(request)}: ${describeReply(answer.reply)}`;
    });
    return answer;
  }

  /** Whoever runs the sale turns the room on, or closes it. @returns whether that is durable */
  async changeRoom(flightId: FlightId, change: RoomChange): Promise<boolean> {
    try {
      return (await this.#waitingRooms().operator.change(flightId, change)).ok;
    } catch {
      return false;
    }
  }

  #waitingRooms(): WaitingRooms {
    if (this.#rooms === null) throw new OperationalError("UNAVAILABLE", "The edge has not started yet.");
    return this.#rooms;
  }

  /** @throws OperationalError */
  async open(attempt: AttemptToOpen): Promise<string> {
    if (this.#desk === null) throw new OperationalError("UNAVAILABLE", "The edge has not started yet.");
    return (await this.#desk.open(attempt)).checkoutUrl;
  }

  /** @returns whether the webhook was taken, and need not be sent again */
  async hint(headers: Headers, body: string): Promise<boolean> {
    if (this.#desk === null) return false;
    try {
      return (await this.#desk.hint("simulated", headers, body)) === "settled";
    } catch {
      return false;
    }
  }

  async #start(): Promise<void> {
    const { machine } = this;
    const { world, bus, db, entropy, telemetry } = machine;
    const shards = new MysqlShards(db);
    const clock = await machine.clusterClock(() => shards.nowMs());
    keepTime(clock, () => shards.nowMs());
    this.#nowMs = () => clock.nowMs();
    const flights = flightClient(bus, clock, entropy, { deadlineMs: REQUEST_MS_MAX, gathers: true });
    const book = new PaymentStore(db);
    const provider = world.bank.providerFor(machine, () => clock.nowMs());
    const isSaleClosed = (flightId: string): boolean => this.#rooms?.gate.state(flightId) === "closed";
    const ports = { book, provider, flights, clock, entropy, telemetry, isSaleClosed };
    const settlement = new Settlement(ports);
    this.#desk = new PaymentDesk({ ...ports, settlement, returnUrl: "https://pigonair.example/" });
    if (world.plan.room !== null) this.#rooms = await openRoomsOn(machine, clock, flights);
    this.#flights = flights;
  }
}
