// Goal: a fingerprint is the same for the same request, however its JSON is written, and another one for any other request.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson } from "../../actors/fingerprint.ts";
import { fingerprint, idempotencyKeyOf } from "../../http/plugins/idempotency.ts";

/** The value with the members of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, reordered(member)]));
}

/** What arrives: any JSON, once it was read. */
const json = fc.json().map((text): unknown => JSON.parse(text));

describe("canonicalJson()", () => {
  test("gives the same text in whatever order the members came", () => {
    fc.assert(fc.property(json, (value) => expect(canonicalJson(reordered(value))).toBe(canonicalJson(value))));
  });

  test("loses nothing: the value can be read back", () => {
    fc.assert(fc.property(json, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(value)));
  });

  test("keeps a member named __proto__", () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });

  test("keeps the order of a list, which means something", () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });
});

describe("fingerprint()", () => {
  const body = { passengers: [{ name: "Kim", seat: "1A" }] };
  const known = fingerprint("POST", "/flights/A/reservations", body);

  test("is 22 characters that fit into any header", () => {
    expect(known).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  test("is the same for the same request", () => {
    expect(fingerprint("POST", "/flights/A/reservations", { passengers: [{ seat: "1A", name: "Kim" }] })).toBe(known);
  });

  test.each([
    ["method", fingerprint("PUT", "/flights/A/reservations", body)],
    ["path", fingerprint("POST", "/flights/B/reservations", body)],
    ["body", fingerprint("POST", "/flights/A/reservations", { passengers: [{ name: "Kim", seat: "1B" }] })],
    [
      "written default",
      fingerprint("POST", "/flights/A/reservations", { passengers: [{ ...body.passengers[0], type: "ADT" }] }),
    ],
  ])("is another one for another %s", (_, other) => {
    expect(other).not.toBe(known);
  });
});

describe("idempotencyKeyOf()", () => {
  test.each(["k", "a".repeat(255), '"quoted"', "~!/"])("takes %p", (key) => {
    expect(idempotencyKeyOf(new Headers({ "idempotency-key": key }))).toBe(key);
  });

  test.each([undefined, "", "a".repeat(256), "two words", "ünïcode"])("refuses %p", (key) => {
    const headers = new Headers(key === undefined ? {} : { "idempotency-key": key });
    expect(() => idempotencyKeyOf(headers)).toThrow("This request needs the header Idempotency-Key");
  });
});
