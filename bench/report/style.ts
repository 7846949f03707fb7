/** Owns how the page of a report looks, by day and by night, on a screen and on paper. */

export const STYLE = `
:root { color-scheme: light dark; --ink: #17202b; --soft: #5b6878; --line: #dfe5ec; --paper: #ffffff; --wash: #f4f7fa;
  --own: #1260d6; --own2: #13a08a; --peer: #a9b4c2; --rival: #e07b1a; --good: #12813f; --bad: #c62f2f;
  --q1: #8db8f2; --q2: #4b8ae6; --q3: #1257bd; --q4: #0b2f6b; --s1: #1260d6; --s2: #7a5cd6; --s3: #c44fae; --s4: #e0653a; --s5: #e8a917; --s6: #13a08a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ecf3; --soft: #98a6b7; --line: #2b3643; --paper: #11171e; --wash: #18212b;
  --own: #5a9bff; --own2: #3fd0b6; --peer: #5f6d7e; --rival: #f59a3f; --good: #45c47a; --bad: #ff7676;
  --q1: #2f5ea8; --q2: #4b8ae6; --q3: #8db8f2; --q4: #d5e5fc; --s1: #5a9bff; --s2: #a68df5; --s3: #e884d5; --s4: #ff8f66; --s5: #f5c451; --s6: #3fd0b6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 20px; margin: 44px 0 4px; letter-spacing: -.01em; }
h3 { font-size: 15px; margin: 0 0 6px; }
p { margin: 4px 0 12px; max-width: 78ch; } .soft { color: var(--soft); }
code { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--wash); padding: 1px 5px; border-radius: 4px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; margin: 20px 0 6px; }
.tile { background: var(--wash); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; font-size: 30px; line-height: 1.15; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; display: block; }
.grid2 { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 18px 28px; }
figure { margin: 12px 0; } figcaption { font-weight: 600; margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; overflow: visible; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick, svg .label { fill: var(--soft); } svg .grid { stroke: var(--line); stroke-width: 1; } svg .name { font-weight: 600; }
svg .strong { font-weight: 700; } svg .shade { fill: var(--wash); } svg .shade.other { fill: transparent; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--soft); max-width: none; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; margin: 8px 0 16px; }
th { text-align: left; font-weight: 600; color: var(--soft); } th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.n, td.n { text-align: right; } .wide { overflow-x: auto; }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--bad); font-weight: 600; }
.failures { border-left: 4px solid var(--bad); padding: 8px 16px; background: var(--wash); border-radius: 0 8px 8px 0; }
details { margin: 4px 0 14px; } summary { cursor: pointer; color: var(--soft); }
@media print { main { max-width: none; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
`;
