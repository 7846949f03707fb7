/** Owns pages that are for members: nobody else sees them, and whoever logs in comes back to them. */

import { useEffect } from "preact/hooks";
import { logInPath } from "../../room-handover.ts";
import { address, goTo } from "./router.ts";
import { member } from "./session.ts";

/** Whether the reader is a member; false as well until it is known. */
export function useMembersOnly(): boolean {
  const reader = member.value;
  useEffect(() => {
    if (reader === null) goTo(logInPath(address.peek()), { replace: true });
  }, [reader]);
  return reader !== null && reader !== undefined;
}
