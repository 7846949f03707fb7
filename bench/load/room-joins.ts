/** Owns the plan "room joins": `POST …/waiting-room/tickets` of every member in one room after another, so that each is a new place. */
import { assert, present } from "../../actors/assert.ts";
import type { Plan } from "./plan.ts";
import { piece, type RequestWriter } from "./request-writer.ts";

export interface RoomJoinsOptions {
  /** Ids of flights whose rooms are on. */
  readonly flights: readonly string[];
  /** Access tokens of the members. */
  readonly tokens: readonly string[];
}

export function createPlan(options: RoomJoinsOptions, host: string): Plan {
  assert(options.flights.length > 0 && options.tokens.length > 0, "joins need flights and members");
  const flights = options.flights.map((id) => piece(`POST /api/v1/flights/${id}/waiting-room/tickets HTTP/1.1\r\n`));
  const members = options.tokens.map((token) => piece(`Authorization: Bearer ${token}\r\n`));
  const end = piece(`Host: ${host}\r\nContent-Length: 0\r\n\r\n`);
  return {
    write(request: RequestWriter, _connection: number, sequence: number): void {
      const flight = Math.floor(sequence / members.length) % flights.length;
      request
        .piece(present(flights[flight], "a flight"))
        .piece(present(members[sequence % members.length], "a member"))
        .piece(end);
    },
  };
}
