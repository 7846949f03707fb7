/** Owns all that is checked while a run goes on: commits as they land, answers as they leave, and what is acknowledged; guards I4 and I5. */

import type { Answer } from "../../../actors/bus/bus.ts";
import type { Command } from "../../../actors/domain/command.ts";
import type { FlightId } from "../../../actors/domain/ids.ts";
import type { Reply, SeatMapView } from "../../../actors/domain/reply.ts";
import type { Hub } from "../bus/hub.ts";
import type { Server } from "../database/server.ts";
import type { Findings } from "../world/findings.ts";
import type { Trace } from "../world/trace.ts";
import { Committed } from "./committed.ts";
import type { FlightModel, ModelKey } from "./flight-model.ts";

/** Final answers that are told anew each time, so that nothing of them is kept. */
const NOT_KEPT: ReadonlySet<string> = new Set(["VALIDATION", "ADMISSION_REQUIRED", "IDEMPOTENCY_KEY_REUSED"]);

/** Nobody's clock believes that a deadline is so much farther away than it is, in milliseconds. */
const LATE_MS_MAX = 1_000;

export class Checks {
  readonly committed: Committed;
  readonly findings: Findings;
  readonly trace: Trace;
  readonly models: ReadonlyMap<FlightId, FlightModel>;
  /** A host sends a commit: for whoever wants to disturb it. */
  onCommit: (host: string) => void = () => {};
  /** By flight and seat version, what its seats were. */
  readonly #seats = new Map<string, string>();
  /** The clock by which deadlines pass has jumped. */
  hasClockJumped: () => boolean = () => false;

  constructor(server: Server, hub: Hub, models: ReadonlyMap<FlightId, FlightModel>, findings: Findings, trace: Trace) {
    this.findings = findings;
    this.trace = trace;
    this.models = models;
    this.committed = new Committed(server, findings, trace, models);
    hub.onAnswer((owner, command, answer) => this.#answered(owner, command, answer));
  }

  /** Somebody was given the answer: then it is durable, and the same for everybody. */
  acknowledged(request: Pick<Command, "flightId" | "op" | "member" | "key">, reply: Reply): void {
    this.#mustBeKept(request, reply, "acknowledged", () => "was told");
  }

  /** Whoever knows a version of the seats knows all of them, whoever told. */
  seen({ flightId, seatVersion, seats }: SeatMapView): void {
    const name = `${flightId} at ${seatVersion}`;
    const states = seats.map(({ seat, state }) => `${seat} ${state}`).join(", ");
    const before = this.#seats.get(name) ?? states;
    this.#seats.set(name, before);
    this.findings.expect(before === states, "replies", () => `${name} is ${states}, and was ${before}`);
  }

  #answered(owner: string, command: Command, answer: Answer): void {
    this.trace.note(owner, () => `answers ${describeCommand(command)}: ${describeAnswer(answer)}`);
    if (answer.ok) {
      this.#mustBeKept(command, answer.reply, "I4", () => `${owner} answers`);
      const isOfAnother = !answer.reply.ok && answer.reply.rejection.code === "IDEMPOTENCY_KEY_REUSED";
      if (!answer.isReplay && !isOfAnother) this.#mustBeInTime(owner, command);
    } else if (answer.error.code === "INTERNAL") {
      this.findings.report("assertion", `${owner} answers ${command.op}: ${answer.error.message}`);
    }
  }

  /** A late duplicate does nothing any more, or it would turn a "no" that somebody was told into a "yes". */
  #mustBeInTime(owner: string, command: Command): void {
    const decidedMs = this.#kept(command)?.atMs ?? Number.NEGATIVE_INFINITY;
    const lateMs = decidedMs - command.deadlineMs;
    this.findings.expect(lateMs <= LATE_MS_MAX || this.hasClockJumped(), "I5", () => {
      return `${owner} decides ${describeCommand(command)} ${lateMs} ms after its deadline`;
    });
  }

  /** By the scope of a key as DESIGN §7 has it: the same key of another member, or for another operation, is another one. */
  #kept({ flightId, op, member, key }: Pick<Command, "flightId" | "op" | "member" | "key">): ModelKey | undefined {
    return this.models.get(flightId)?.keys.get(`${member ?? "-"}/${op}/${key}`);
  }

  #mustBeKept(
    asked: Pick<Command, "flightId" | "op" | "member" | "key">,
    reply: Reply,
    check: "I4" | "acknowledged",
    who: () => string,
  ): void {
    const { flightId, op, key } = asked;
    if (key === null || (!reply.ok && NOT_KEPT.has(reply.rejection.code))) return;
    const kept = this.#kept(asked);
    const text = JSON.stringify(reply);
    if (kept === undefined) {
      this.findings.report(check, `${who()} ${op} ${key} of ${flightId}: ${text}, and the journal does not have it`);
    } else if (!kept.replies.includes(text)) {
      this.findings.report(
        "I5",
        `${who()} ${op} ${key} of ${flightId}: ${text}, and the journal has ${kept.replies[0]}`,
      );
    }
  }
}

export function describeCommand({
  flightId,
  op,
  member,
  key,
}: Pick<Command, "flightId" | "op" | "member" | "key">): string {
  return `${op} of ${flightId} for ${member ?? "the system"}${key === null ? "" : ` under ${key}`}`;
}

export function describeAnswer(answer: Answer): string {
  if (!answer.ok) return answer.error.code;
  return (answer.isReplay ? "again: " : "") + describeReply(answer.reply);
}

export function describeReply(reply: Reply): string {
  if (!reply.ok) return `${reply.rejection.code} ${reply.rejection.seats?.join(" ") ?? ""}`.trim();
  const { result } = reply;
  switch (result.kind) {
    case "reservation": {
      const { id, status, passengers } = result.reservation;
      return `${id} ${status} ${passengers.map(({ seat }) => seat ?? "lap").join(" ")}`;
    }
    case "payment":
      return `payment ${result.payment.id} ${result.payment.status}`;
    case "seat-map":
      return `seats at ${result.seatMap.seatVersion}: ${result.seatMap.seats.map(({ seat, state }) => `${seat} ${state}`).join(", ")}`;
    case "done":
      return "done";
  }
}
