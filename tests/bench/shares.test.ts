/** Goal: shares are ratios of the rows that they name, are asked for where they were measured, and a ratio that is missing is no ratio that is reached. */
import { expect, test } from "bun:test";
import { median } from "../../bench/compare/rounds.ts";
import { type VisitOptions, visitOf } from "../../bench/load/visits.ts";
import { loneOf, loneWords } from "../../bench/report/lone.ts";
import { FULL, QUICK } from "../../bench/scale.ts";
import { type ContenderName, type Sample, type ShareRow, shareConnections } from "../../bench/shares/shares.ts";
import { shareTargets } from "../../bench/shares/targets.ts";

function row(contender: ContenderName, connections: number, perSecond: number, p50Ms = 5): ShareRow {
  return { contender, title: contender, connections, perSecond, p50Ms, p99Ms: 9, rounds: [], ofEdgeAlone: null };
}

const rows = [
  row("edge-alone", 64, 10_000),
  row("edge-alone", 256, 20_000),
  row("many", 64, 1_700),
  row("many", 256, 5_000),
  row("hot", 64, 1_500),
  row("hot", 256, 9_000),
  row("taken", 256, 8_400),
  row("two-hosts", 64, 1_700),
  row("two-hosts", 256, 6_000),
  row("lone", 1, 600, 1.6),
];

test("shareTargets() compares each row with the one that it is asked against", () => {
  const found = shareTargets(rows).map(({ what, against, atLeast, measured, isReached }) => {
    return [what, against, atLeast, measured, isReached];
  });
  expect(found).toEqual([
    ["share: durable holds of 64 flights, 64 connections", "the edge alone", 0.17, 0.17, true],
    ["share: durable holds of 64 flights, 256 connections", "the edge alone", 0.29, 0.25, false],
    ["share: refusals, 256 connections", "the edge alone", 0.42, 0.42, true],
    ["share: one hot flight, 64 connections", "64 flights", 0.9, 1_500 / 1_700, false],
    ["share: two hosts of flights, 64 flights, 64 connections", "one host", 1, 1, true],
    ["share: two hosts of flights, 64 flights, 256 connections", "one host", 1, 1.2, true],
    ["a lone request: 2 ms over its p50", "2 ms", 1, 1.25, true],
  ]);
});

test("shareTargets() asks for what was measured, and takes no ratio to nothing", () => {
  expect(shareTargets([row("edge-alone", 8, 1), row("many", 8, 1)])).toEqual([]);
  const lost = shareTargets([row("edge-alone", 64, 0), row("many", 64, 100), row("lone", 1, 0, Number.NaN)]);
  expect(lost.map(({ measured, isReached }) => [measured, isReached])).toEqual([
    [null, false],
    [null, false],
  ]);
});

test("shareConnections() are the two highest of a run", () => {
  expect(shareConnections(FULL)).toEqual([64, 256]);
  expect(shareConnections(QUICK)).toEqual([8, 32]);
});

test("visitOf() asks for one seat of one flight where a seat is to be taken", () => {
  const options: VisitOptions = { flights: ["F1"], seats: ["1A", "1B"], order: "taken" };
  expect([0, 1, 999].map((sequence) => visitOf(options, sequence))).toEqual(
    [0, 1, 999].map((visit) => ({ flight: 0, visit, seat: 0 })),
  );
});

test("median() of an even number lies between the two in the middle, and of nothing is no number", () => {
  expect([[3], [1, 9, 2], [4, 2], [1, 100, 3, 5]].map(median)).toEqual([3, 2, 3, 4]);
  expect(median([])).toBeNaN();
});

test("loneOf() tells of the round in the middle, hop by hop", () => {
  const sample = (p50Ms: number, commitMs: number): Sample => ({
    perSecond: 500,
    p50Ms,
    p99Ms: 4,
    acknowledged: 1,
    confirmed: 1,
    cpuUsByProcess: {},
    stages: [
      { stage: "edge", count: 1, meanMs: 0.1 },
      { stage: "commit", count: 1, meanMs: commitMs },
    ],
  });
  const lone = { ...row("lone", 1, 500, 1.5), rounds: [sample(9, 8), sample(1.5, 1.25), sample(1.4, 1)] };
  const found = loneOf({ rows: [...rows.slice(0, 3), lone], targets: [] });
  expect(found?.hops.map(({ stage, meanMs }) => [stage, meanMs])).toEqual([
    ["edge", 0.1],
    ["commit", 1.25],
  ]);
  expect(found === null ? "" : loneWords(found)).toContain("p50 1.50 ms, p99 4.00 ms");
  expect(found === null ? "" : loneWords(found)).toContain("1.35 ms together");
  expect(loneOf({ rows: [], targets: [] })).toBeNull();
});
