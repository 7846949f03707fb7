/** Goal: the simulated payment provider keeps to the contract of every provider. */

import { present } from "../../actors/assert.ts";
import { OperationalError } from "../../actors/errors.ts";
import { paymentProviderContract } from "../contract/payment-provider.ts";
import { ProviderServer, simulatedProvider, type WebhookSent } from "./payments/simulated-provider.ts";

paymentProviderContract("simulated", async () => {
  let nowMs = Date.UTC(2030, 0, 1);
  let isCutOff = false;
  const webhooks: WebhookSent[] = [];
  const server = new ProviderServer({
    captured: () => {},
    refunded: () => {},
    webhook: (webhook) => webhooks.push(webhook),
  });
  const provider = simulatedProvider(
    async (_, call) => {
      if (isCutOff) throw new OperationalError("PROVIDER_UNAVAILABLE", "the provider can't be reached");
      return call(server);
    },
    () => nowMs,
  );
  return {
    provider,
    approve: async (checkoutUrl) => void server.decide(checkoutUrl, "approve"),
    decline: async (checkoutUrl) => void server.decide(checkoutUrl, "decline"),
    approveLate: async (checkoutUrl) => void server.decide(checkoutUrl, "approve-late"),
    captureLate: async () => {
      for (const { attempt } of server.payments) server.captureLate(attempt);
    },
    cutOff: async () => {
      isCutOff = true;
    },
    webhook: async () => server.signed(present(webhooks.shift(), "a webhook that was sent"), nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
    nowMs: () => nowMs,
    stop: async () => {},
  };
});
