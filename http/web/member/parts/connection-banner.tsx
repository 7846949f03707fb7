/** Owns what the reader is told of the connection, wherever they are. */

import { connection } from "../../browser/connection.ts";
import { words } from "../state/words.ts";
import { Icon } from "./icon.tsx";

/** Always there, so that what it says is read out when it comes. */
export function ConnectionBanner() {
  const state = connection.value;
  const m = words.connection;
  return (
    <div class={`banner ${state}`} role="status">
      {state !== "fine" && (
        <p>
          <Icon name={state === "back" ? "check" : "warn"} />
          {m[state]}
        </p>
      )}
    </div>
  );
}
