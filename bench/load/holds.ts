/** Owns the plan "holds": `POST /api/v1/flights/{id}/reservations` of one passenger each, over flights, members and seats. */
import { assert, present } from "../../actors/assert.ts";
import type { Plan } from "./plan.ts";
import { piece, type RequestWriter } from "./request-writer.ts";
import { type VisitOptions, visitOf } from "./visits.ts";

export interface HoldsOptions extends VisitOptions {
  /** Access tokens of the members. A flight's visits go through all of them before one comes twice, and two flights begin with different ones. */
  readonly tokens: readonly string[];
  /** Begins each Idempotency-Key; a run against a server that has seen a former one needs another. */
  readonly keyPrefix: string;
  /** Marks the requests of this run, so that operators see them apart. */
  readonly loadRun?: string;
}

/** Enough for every request of a run: 10^12 keys and 26^6 names. */
const KEY_DIGITS = 12;
const NAME_LETTERS = 6;

export function createPlan(options: HoldsOptions, host: string): Plan {
  assert(options.flights.length > 0 && options.tokens.length > 0, "holds need flights and members");
  const flights = options.flights.map((id) => piece(`POST /api/v1/flights/${id}/reservations HTTP/1.1\r\n`));
  const members = options.tokens.map((token) => piece(`Authorization: Bearer ${token}\r\n`));
  const seats = (options.seats ?? []).map((seat) => piece(`","type":"ADT","seat":"${seat}"}]}`));
  const anySeat = piece('","type":"ADT"}]}');
  const run = options.loadRun === undefined ? "" : `X-Load-Run: ${options.loadRun}\r\n`;
  const head = piece(`Host: ${host}\r\n${run}Content-Type: application/json\r\nIdempotency-Key: ${options.keyPrefix}`);
  const endOfLine = piece("\r\n");
  const body = piece('{"passengers":[{"name":"LOAD ');

  return {
    write(request: RequestWriter, _connection: number, sequence: number): void {
      const { flight, visit, seat } = visitOf(options, sequence);
      request
        .piece(present(flights[flight], "a flight"))
        .piece(present(members[(flight + visit) % members.length], "a member"))
        .piece(head)
        .digits(sequence, KEY_DIGITS)
        .piece(endOfLine)
        .beginBody()
        .piece(body)
        // No two passengers have the same name, because one passenger may have one seat of a flight only.
        .letters(sequence, NAME_LETTERS)
        .piece(seats[seat] ?? anySeat)
        .endBody();
    },
  };
}
