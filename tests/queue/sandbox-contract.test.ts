// Goal: the sandbox, reached through its adapter, keeps to the contract of every payment provider.

import { present } from "../../actors/assert.ts";
import { paymentProviderContract } from "../contract/payment-provider.ts";
import { decide, givenSandbox, HOLD_MS } from "../support/given-sandbox.ts";

paymentProviderContract("sandbox", async () => {
  const given = givenSandbox();
  let isRunning = true;
  const say = (outcome: string) => async (checkoutUrl: string) => {
    await decide(checkoutUrl, { outcome });
  };
  return {
    provider: given.provider,
    approve: say("approve"),
    decline: say("decline"),
    approveLate: say("approve-late"),
    captureLate: async () => given.clock.advance(2 * HOLD_MS),
    cutOff: async () => {
      isRunning = false;
      await given.sandbox.stop();
    },
    webhook: async () => {
      await given.inbox.count(1);
      return present(given.inbox.received[0], "counted before");
    },
    advance: (ms) => given.clock.advance(ms),
    nowMs: () => given.clock.nowMs(),
    stop: async () => {
      if (!isRunning) given.start();
      await given.stop();
    },
  };
});
