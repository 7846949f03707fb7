/** Owns the picture behind the start: wings of the flock against the night, and the line that they draw. Decoration. */
// Bun reads tsconfig.json from the working directory alone [1.4.5]: what the server writes says itself where JSX comes from.
/** @jsxImportSource preact */

export function Sky() {
  return (
    <svg class="sky" viewBox="0 0 800 400" preserveAspectRatio="xMaxYMid slice" aria-hidden="true" focusable="false">
      <g class="far">
        <path d="M800 330C700 250 560 230 420 290c90-10 150 0 210 30-60-5-110 0-160 20 110-5 210 20 330 60z" />
        <path d="M800 90C730 40 640 30 540 70c60-5 110 5 150 25-45-2-80 4-115 18 80-4 150 10 225 40z" />
      </g>
      <path class="line" d="M-20 380C200 330 380 300 520 210S720 60 830 30" />
      <g class="bird" transform="translate(545 70) scale(3.900)">
        <path
          class="violet"
          d="M27 22C28 13 33 6 42 3c-.4 3.400-1.300 5.600-2.600 7.600 1.500-.2 2.400-.5 3.600-1.100-1.200 6.500-4.500 11.500-10.500 15z"
        />
        <path
          class="body"
          d="M45 21.500c-1.600-.7-2.600-1.900-4.600-2.400-3.600-.9-6.600.8-8.300 3.800L28 25C19 26 10 28 2 34.500c4.300.6 8.200.500 11.800-.2C18 39.600 28.500 40.500 35 34.500c3.400-3.100 5-6.600 5.600-10.200 1.500-.5 3-1.400 4.400-2.800z"
        />
        <path
          class="green"
          d="M32 26C28 14 18 7 4 7c2 4 4.200 6.500 6.800 8.300-2 .1-3.500 0-5.300-.4 2 4 4.700 6.700 7.800 8.300-1.500.3-2.700.4-4.200.4 5 6.500 14 8.400 22.900 2.400z"
        />
        <path
          class="beak"
          d="M40.600 24.300c1.500-.5 3-1.400 4.400-2.800-1.600-.7-2.600-1.900-4.600-2.400.9 1.500 1 3.200.2 5.200z"
        />
        <circle class="eye" cx="37.400" cy="22.200" r="1" />
      </g>
    </svg>
  );
}
