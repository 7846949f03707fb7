/** Owns the small signs beside words. They say nothing alone, and are not read out. */

const PATHS = {
  arrow: "M5 12h14M13 6l6 6-6 6",
  back: "M19 12H5M11 6l-6 6 6 6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
  cross: "M6 6l12 12M18 6L6 18",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.500M12 7.500v.01",
  line: "M4 18a3 3 0 1 1 0-.01M12 18a3 3 0 1 1 0-.01M20 18a3 3 0 1 1 0-.01",
  list: "M9 6h11M9 12h11M9 18h11M4.500 6v.01M4.500 12v.01M4.500 18v.01",
  map: "M7 4h10a3 3 0 0 1 3 3v13H4V7a3 3 0 0 1 3-3zM4 11h16M12 4v16",
  minus: "M6 12h12",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.500 2.700-6 6-6s6 2.500 6 6M16 4.500a3.500 3.500 0 0 1 0 6M17.500 14.500c2.100.8 3.500 2.800 3.500 5.500",
  plane:
    "M21 12c0-1-.9-1.700-2-1.700h-5L9.500 3H7.600l2.200 7.300H5.500L3.700 8H2.300L3.300 12l-1 4h1.400l1.800-2.300h4.300L7.600 21h1.900l4.500-7.300h5c1.100 0 2-.7 2-1.700z",
  plus: "M6 12h12M12 6v12",
  refund: "M4 8h11a5 5 0 0 1 0 10H9M8 4L4 8l4 4",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20",
  seat: "M6 4l1.500 9.500h7.500a3 3 0 0 1 3 3V18H8M8 18v3M17 18v3M13 10h4",
  swap: "M7 4v13M7 17l-3.500-3.500M7 17l3.500-3.500M17 20V7M17 7l-3.500 3.500M17 7l3.500 3.500",
  ticket: "M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM14 7v2M14 11v2M14 15v2",
  warn: "M12 4L2.500 20h19zM12 10v4.500M12 17.200v.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
