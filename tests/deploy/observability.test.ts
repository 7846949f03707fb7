/** Goal: every alarm is tried by promtool and has its page in the runbook, and Grafana's files are what the dashboards' code says. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS, fileOf } from "../../deploy/observability/dashboards/all.ts";
import { grafanaJson } from "../../deploy/observability/grafana/dashboard.ts";
import { describeWithService } from "../support/services.ts";

const DEPLOY = join(import.meta.dir, "../../deploy");
const OBSERVABILITY = join(DEPLOY, "observability");
const RULE_TESTS = ["rules.test.yml", "rules-long.test.yml"];

setDefaultTimeout(60_000);

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly annotations: Readonly<Record<string, string>> }[];
  }[];
}

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}

const read = (name: string): string => readFileSync(join(OBSERVABILITY, name), "utf8");
const alarms = (Bun.YAML.parse(read("rules.yml")) as Rules).groups.flatMap(({ rules }) => rules);

describeWithService("promtool", "the alarms", (promtool) => {
  const run = (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([promtool, ...args], { cwd: OBSERVABILITY });
    return [exitCode, exitCode === 0 ? "" : `${stdout}${stderr}`];
  };

  test("configuration and rules can be read", () => {
    expect(run("check", "config", "prometheus.yml")).toEqual([0, ""]);
  });

  test("each says what it should, and nothing while all is well", () => {
    expect(run("test", "rules", ...RULE_TESTS)).toEqual([0, ""]);
    const tests = RULE_TESTS.flatMap((name) => (Bun.YAML.parse(read(name)) as RuleTests).tests);
    const tried = tests.flatMap(({ alert_rule_test: cases = [] }) =>
      cases.filter(({ exp_alerts: expected }) => expected.length > 0).map(({ alertname }) => alertname),
    );
    expect(new Set(tried)).toEqual(new Set(alarms.map(({ alert }) => alert)));
  });
});

describe("what operators read", () => {
  test("every alarm has a page in the runbook, and every page an alarm", () => {
    const pages = Array.from(
      readFileSync(join(DEPLOY, "RUNBOOK.md"), "utf8").matchAll(/^## (\w+)$/gm),
      ([, name]) => name,
    );
    expect(new Set(pages)).toEqual(new Set(alarms.map(({ alert }) => alert)));
    for (const { alert, annotations } of alarms) {
      expect(annotations.runbook_url).toBe(`deploy/RUNBOOK.md#${alert.toLowerCase()}`);
    }
  });

  for (const dashboard of DASHBOARDS) {
    test(`${dashboard.title} is in Grafana's file as it is in code (bun deploy/observability/dashboards/all.ts)`, () => {
      expect(readFileSync(fileOf(dashboard), "utf8")).toBe(grafanaJson(dashboard));
    });
  }
});
