/** Owns what the reader is told of the connection: nothing while it is fine, what is tried while it isn't, and that it is back. */

import { signal } from "@preact/signals";
import { after, type Stop } from "./device.ts";

/** `lost`: nothing answers. `busy`: the server asks to come again. `back`: it answers again, for a moment. */
export type Connection = "fine" | "lost" | "busy" | "back";

export const connection = signal<Connection>("fine");

const BACK_MS = 4_000;

/** Requests that are being tried again. */
const troubled = new Set<object>();

let forget: Stop = () => {};

/** @param request stands for whatever is tried again */
export function tryingAgain(request: object, why: "lost" | "busy"): void {
  troubled.add(request);
  forget();
  connection.value = why;
}

/** @param isAnswered false when it was given up, by its page or for good */
export function triedAgain(request: object, isAnswered: boolean): void {
  if (!troubled.delete(request)) return;
  if (isAnswered) {
    connection.value = "back";
    forget();
    forget = after(BACK_MS, () => {
      connection.value = "fine";
    });
  } else if (troubled.size === 0) connection.value = "fine";
}
