/** Owns which holds a load run was told are its own: each acknowledged reservation, to be looked up in the database afterwards. */
import { writeFileSync } from "node:fs";

/** As much of a 201's body as names the reservation: its first member is `id`. */
export const ACK_BYTES = 64;

const ID_AT_START = /^\{"id":"([^"\\]{1,48})"/;

export class Acks {
  readonly #lines: string[] = [];
  #unreadable = 0;

  /** Takes the answer to a request; whatever is not a 201 acknowledges nothing. */
  record(sequence: number, status: number, body: Buffer): void {
    if (status !== 201) return;
    const id = ID_AT_START.exec(body.toString("latin1"))?.[1];
    if (id === undefined) this.#unreadable += 1;
    else this.#lines.push(`${sequence} ${id}`);
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Acknowledgements that name no reservation: the run can't be believed. */
  get unreadable(): number {
    return this.#unreadable;
  }

  write(file: string): void {
    writeFileSync(file, this.#lines.join("\n"));
  }
}

export interface Ack {
  readonly sequence: number;
  readonly id: string;
}

/** What {@link Acks.write} has written. */
export function readAcks(text: string): Ack[] {
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return { sequence: Number(line.slice(0, space)), id: line.slice(space + 1) };
  });
}
