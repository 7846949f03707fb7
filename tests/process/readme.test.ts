/** Goal: what README.md tells people to paste does what it says, however fast it is pasted. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { describeWithService } from "../support/services.ts";

setDefaultTimeout(60_000);

describeWithService("curl", "what README.md tells people to paste", () => {
  const given = new GivenProgram();
  beforeAll(() => given.start());
  afterAll(() => given.remove());

  test("a reservation, from sign-up to ticket, and its money back", async () => {
    const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();
    const [, pasted = ""] = /```sh\n(API=[^`]+)```/.exec(readme) ?? [];
    // The provider's word may come later than the next line.
    const script = pasted
      .replace("http://127.0.0.1:3000", given.url)
      .replace('"outcome":"approve"', '"outcome":"approve","webhook":"late"');
    const said = await Bun.$`bash -c ${script}`.quiet().text();
    const answers = said.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        // The seat map is cut.
        return [];
      }
    });
    const [member, held, payment, checkout, reservation, tickets, cancelled] = answers;
    expect(member).toMatchObject({ name: "Kim Minji" });
    expect([held.status, payment.status, checkout.status]).toEqual(["HELD", "PENDING", "CAPTURED"]);
    expect(reservation).toMatchObject({ id: held.id, status: "TICKETED" });
    expect(tickets).toMatchObject({ total: 2, items: [{ passenger: "Kim Minji" }, { passenger: "Lee Junho" }] });
    expect(cancelled).toMatchObject({ id: held.id, status: "CANCELLED" });
  });
});
